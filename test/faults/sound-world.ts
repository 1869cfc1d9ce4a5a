import { hashOf } from './checker/evidence';
import type { EvidenceFact, Facts, HistoryEvent } from './checker/facts';
import type { Sample } from './checker/sampler';

type Server = Sample['blue'];

const server = (weight: number, isMaint = false, sessions = 0): Server => ({ weight, isMaint, sessions });

export const sampleAt = (atMs: number, greenPercent: number, sessions = 0): Sample => ({
  atMs,
  blue: server(100 - greenPercent),
  green: server(greenPercent, greenPercent === 0, sessions),
});

const release = 'run-1';

/** Evidence with the hashes that its records should have. */
export function chainOf(
  records: readonly Pick<EvidenceFact, 'type' | 'detail'>[],
  of: string = release,
): readonly EvidenceFact[] {
  const chained: EvidenceFact[] = [];
  for (const [index, { type, detail }] of records.entries()) {
    const previous = chained.at(-1)?.hash ?? '0'.repeat(64);
    const record = { seq: index + 1, previous, at: '2026-01-01T00:00:00.000Z', type, actor: 'spillway', detail };
    chained.push({ ...record, release: of, hash: hashOf(record) });
  }
  return chained;
}

let id = 0;
/** One activity, scheduled and completed at once. */
export const activity = (name: string, effect: string, workflowId = 'release/lane/shop'): readonly HistoryEvent[] => {
  const scheduled = {
    type: 'ACTIVITY_TASK_SCHEDULED',
    id: (id += 1),
    atMs: 300 + id / 1_000,
    workflowId,
    runId: 'run-1',
    activity: name,
    effect,
  };
  return [
    scheduled,
    {
      type: 'ACTIVITY_TASK_COMPLETED',
      id: (id += 1),
      atMs: 300 + id / 1_000,
      workflowId,
      runId: 'run-1',
      scheduledId: scheduled.id,
    },
  ];
};

export const forward = (): readonly HistoryEvent[] => [
  ...activity('migrate', 'migrate/002/expand'),
  ...activity('backfill', 'migrate/002/backfill'),
];

export const backward = (): readonly HistoryEvent[] => [
  ...activity('closeTraffic', 'expose/shop'),
  ...activity('stopCanary', 'deploy/shop'),
  ...activity('undoMigration', 'migrate/002/backfill'),
  ...activity('undoMigration', 'migrate/002/expand'),
];

const row = { ref: 'base-1', name: 'A B', total: 1 };
const files = { blue: '{"limit":1,"theme":"plain"}', green: '{"limit":1}', flags: '{"flags":{}}' };
const notice = 'run-1/ended/RolledBack/hook';

/** A world as it should be after a release that a breach turned back. */
export const soundWorld = (): Facts => ({
  story: {
    version: '2.0.0',
    expected: 'RolledBack',
    isContracted: false,
    cause: 'GuardrailBroken',
    turnedAtMs: 300,
    boundMs: 1_000,
    shares: [20, 50, 99],
    highestBeforeGate: 50,
    acceptedApprovals: ['approve-1'],
    parts: ['002/expand', '002/backfill'],
    marks: ['002.expand'],
    countsFills: true,
    points: ['prove:K1'],
    fired: ['prove:K1'],
  },
  samples: [sampleAt(100, 0), sampleAt(200, 20, 3), sampleAt(300, 50, 9), sampleAt(400, 0, 9), sampleAt(500, 0, 9)],
  rest: sampleAt(600, 0, 9),
  slots: { blue: { version: '1.0.0', release: 'by-hand' }, green: undefined },
  starts: { 'by-hand': 1, 'run-1': 1 },
  schema: 'old',
  schemas: { baseline: 'old', expanded: 'new', contracted: 'newest' },
  rows: [row, { ref: '1.0.0-1', name: 'C D', total: 2 }],
  written: [{ ref: '1.0.0-1', name: 'C D', total: 2 }],
  baseRows: [row],
  misfits: [],
  marks: {},
  database: {
    ledger: [{ part: '002/expand', isApplied: true, isUndone: true }],
    lineage: [{ part: '002/expand', isApplied: true, isUndone: true }],
    copies: ['orders__name'],
    listedCopies: ['orders__name'],
    retired: [],
    scratch: [],
    invalidIndexes: [],
    sessions: [],
  },
  filled: {},
  files: { before: files, after: files },
  history: [
    ...forward(),
    ...backward(),
    {
      type: 'WORKFLOW_EXECUTION_FAILED',
      id: 1_000,
      atMs: 1_000,
      workflowId: 'release/lane/shop',
      runId: 'run-1',
      failure: { type: 'RolledBack', message: 'Rolled back: http-errors broke its limit.' },
    },
  ],
  workflows: [{ workflowId: 'release/lane/shop', status: 'FAILED', sentence: 'Rolled back: http-errors.' }],
  evidence: chainOf([
    { type: 'intent', detail: { type: 'effect-intended', effect: 'expose/shop' } },
    { type: 'effect', detail: { type: 'effect-done', effect: 'expose/shop' } },
    { type: 'approval', detail: { type: 'approved', id: 'approve-1' } },
    { type: 'intent', detail: { type: 'compensation-started', effect: 'expose/shop' } },
    { type: 'compensation', detail: { type: 'compensation-verified', effect: 'expose/shop' } },
    { type: 'ended', detail: { type: 'ended', ending: 'RolledBack' } },
  ]),
  outbox: [{ id: notice, isDelivered: true }],
  received: [
    { id: notice, kind: 'rollback', body: '{"text":"over"}' },
    { id: notice, kind: 'rollback', body: '{"text":"over"}' },
  ],
  texts: { 'worker-1.log': 'the worker takes work' },
  secrets: ['canary-secret'],
  replayFaults: [],
});
