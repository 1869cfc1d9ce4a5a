import type { Facts } from './checker/facts';
import { brokenOf, invariants } from './checker/invariants';
import { activity, backward, chainOf, forward, sampleAt, soundWorld } from './sound-world';

type Doctored = readonly [invariant: string, what: string, change: (facts: Facts) => Partial<Facts>];

const story = (change: Partial<Facts['story']>) => (facts: Facts) => ({ story: { ...facts.story, ...change } });

const database = (change: Partial<Facts['database']>) => (facts: Facts) => ({
  database: { ...facts.database, ...change },
});
const contracted = story({ expected: 'Promoted', isContracted: true });
const undone = { part: '002/expand', isApplied: true, isUndone: true };

/** Worlds in which one thing is wrong: a check that finds nothing in its world checks nothing. */
const doctored: readonly Doctored[] = [
  [
    'I1',
    'a share that no plan names',
    ({ samples }) => ({ samples: [...samples, sampleAt(600, 33), sampleAt(650, 33)] }),
  ],
  ['I1', 'a canary that stays exposed too long', story({ boundMs: 50 })],
  [
    'I1',
    'half of a change that leads nowhere',
    (facts) => ({
      ...story({ mayHalve: true })(facts),
      samples: [...facts.samples, sampleAt(600, 33), sampleAt(650, 33), sampleAt(700, 0)],
    }),
  ],
  [
    'I1',
    'a canary slot that rests ready',
    ({ rest }) => ({ rest: { ...rest, green: { ...rest.green, isMaint: false } } }),
  ],
  ['I1', 'a canary that still gets users', () => ({ rest: sampleAt(600, 20) })],
  ['I2', 'more than was approved', ({ samples }) => ({ samples: [sampleAt(100, 99), ...samples] })],
  ['I2', 'exposure again on the way back', ({ samples }) => ({ samples: [...samples, sampleAt(600, 20, 9)] })],
  ['I2', 'requests to a closed canary', ({ samples }) => ({ samples: [...samples, sampleAt(600, 0, 20)] })],
  ['I1', 'a canary that outlives its lease', story({ silence: { fromMs: 250, closedByMs: 290, untilMs: 600 } })],
  [
    'I1',
    'a canary that was closed only when the dead came back',
    story({ silence: { fromMs: 250, closedByMs: 410, untilMs: 420 } }),
  ],
  ['I1', 'a lease that guarded nobody', story({ silence: { fromMs: 150, closedByMs: 400, untilMs: 600 } })],
  [
    'I2',
    'a promotion that nothing spoke for',
    (facts) => ({
      ...story({ blindness: { fromMs: 150, untilMs: 600 } })(facts),
      samples: [...facts.samples, sampleAt(550, 100)],
    }),
  ],
  ['I2', 'a drain that threw everybody out at once', story({ drain: { steps: [25, 13], leastSeen: 1 } })],
  [
    'I2',
    'a drain that raised the share',
    (facts) => ({
      ...story({ drain: { steps: [25, 13], leastSeen: 0 }, shares: [20, 50, 25, 13] })(facts),
      samples: [...facts.samples.slice(0, 3), sampleAt(350, 13, 9), sampleAt(380, 25, 9), ...facts.samples.slice(3)],
    }),
  ],
  [
    'I2',
    'requests to a canary that a drain has closed',
    (facts) => ({
      ...story({ drain: { steps: [25, 13], leastSeen: 0 } })(facts),
      samples: [...facts.samples, sampleAt(600, 0, 20)],
    }),
  ],
  ['I3', 'a schema in between', () => ({ schema: 'half' })],
  ['I3', 'a version that cannot write', () => ({ misfits: ['2.0.0: 42703'] })],
  ['I4', 'a lost row', ({ rows }) => ({ rows: rows.slice(1) })],
  ['I4', 'a row twice', ({ rows }) => ({ rows: [...rows, ...rows] })],
  ['I4', 'a changed row', ({ rows }) => ({ rows: rows.map((row) => ({ ...row, total: 9 })) })],
  [
    'I5',
    'one byte more in a file',
    ({ files: { before } }) => ({ files: { before, after: { ...before, green: `${before.green}\n` } } }),
  ],
  [
    'I5',
    'a flag that stayed',
    ({ files: { before } }) => ({ files: { before, after: { ...before, flags: '{"flags":{"a":1}}' } } }),
  ],
  ['I6', 'an effect that stayed', () => ({ marks: { '002.expand': 1 } })],
  ['I6', 'rows that stayed filled', () => ({ filled: { '1': 1 } })],
  ['I6', 'a version deployed twice', () => ({ starts: { 'run-1': 2 } })],
  [
    'I6',
    'a canary that still runs',
    ({ slots }) => ({ slots: { ...slots, green: { version: '2.0.0', release: 'run-1' } } }),
  ],
  [
    'I6',
    'another version in service',
    () => ({ slots: { blue: { version: '2.0.0', release: 'run-1' }, green: undefined } }),
  ],
  [
    'I6',
    'the schema undone before the traffic was closed',
    ({ history }) => ({
      history: [
        ...forward(),
        ...activity('undoMigration', 'migrate/002/backfill'),
        ...backward(),
        ...history.slice(-1),
      ],
    }),
  ],
  [
    'I6',
    'migrations undone in the order in which they were applied',
    ({ history }) => ({
      history: [
        ...forward(),
        ...backward().slice(0, 4),
        ...activity('undoMigration', 'migrate/002/expand'),
        ...activity('undoMigration', 'migrate/002/backfill'),
        ...history.slice(-1),
      ],
    }),
  ],
  [
    'I6',
    'a migration that only a run undid which was terminated then',
    ({ history }) => ({
      history: [
        ...forward(),
        ...backward().map((event) => ({ ...event, runId: 'run-0' })),
        { type: 'WORKFLOW_EXECUTION_TERMINATED', id: 999, atMs: 999, workflowId: 'release/lane/shop', runId: 'run-0' },
        ...history.slice(-1),
      ],
    }),
  ],
  [
    'I6',
    'a migration never undone',
    ({ history }) => ({ history: [...forward(), ...backward().slice(0, 6), ...history.slice(-1)] }),
  ],
  ['I7', 'a lost approval', story({ acceptedApprovals: ['approve-1', 'approve-2'] })],
  [
    'I7',
    'an approval used twice',
    ({ evidence }) => ({
      evidence: chainOf([...evidence, { type: 'approval', detail: { type: 'approved', id: 'approve-1' } }]),
    }),
  ],
  ['I8', 'no evidence', () => ({ evidence: [] })],
  ['I8', 'a record taken out', ({ evidence }) => ({ evidence: evidence.filter(({ seq }) => seq !== 2) })],
  [
    'I8',
    'a record changed',
    ({ evidence }) => ({
      evidence: evidence.map((record) => (record.seq === 3 ? { ...record, actor: 'eve' } : record)),
    }),
  ],
  [
    'I8',
    'an intent without an outcome',
    ({ evidence }) => ({
      evidence: chainOf([{ type: 'intent', detail: { type: 'effect-intended', effect: 'flag/a/b' } }, ...evidence]),
    }),
  ],
  [
    'I8',
    'an undo that was never verified',
    ({ evidence }) => ({
      evidence: chainOf([
        { type: 'intent', detail: { type: 'compensation-started', effect: 'flag/a/b' } },
        ...evidence,
      ]),
    }),
  ],
  ['I8', 'evidence without an end', ({ evidence }) => ({ evidence: evidence.slice(0, -1) })],
  [
    'I9',
    'a release that hangs',
    () => ({
      workflows: [{ workflowId: 'release/lane/shop', status: 'RUNNING', sentence: 'Rolling back: http-errors.' }],
    }),
  ],
  [
    'I9',
    'a loop of retries',
    ({ history }) => ({
      history: [
        ...history,
        {
          type: 'ACTIVITY_TASK_STARTED',
          id: 1,
          atMs: 1,
          workflowId: 'release/lane/shop',
          runId: 'run-1',
          attempt: 500,
        },
      ],
    }),
  ],
  [
    'I9',
    'a failed workflow task',
    ({ history }) => ({
      history: [
        ...history,
        {
          type: 'WORKFLOW_TASK_FAILED',
          id: 1,
          atMs: 1,
          workflowId: 'release/lane/shop',
          runId: 'run-1',
          failure: { type: 'x', message: 'not deterministic' },
        },
      ],
    }),
  ],
  ['I9', 'a fault that was never injected', story({ fired: [] })],
  [
    'I10',
    'a secret in a log',
    () => ({ texts: { 'worker-1.log': 'cannot reach postgres://postgres:canary-secret@host' } }),
  ],
  ['I10', 'a history that does not replay', () => ({ replayFaults: ['release/lane/shop does not replay'] })],
  [
    'I11',
    'a notice that was not delivered',
    ({ outbox }) => ({ outbox: outbox.map(({ id }) => ({ id, isDelivered: false })) }),
  ],
  ['I11', 'an end that nobody was told', () => ({ received: [] })],
  [
    'I11',
    'one notice with two contents',
    ({ received }) => ({
      received: [...received, { ...received[0], id: 'run-1/ended/RolledBack/hook', kind: 'rollback', body: '{}' }],
    }),
  ],
  ['I12', 'another ending', story({ expected: 'Aborted' })],
  ['I12', 'another cause', story({ cause: 'GateExpired' })],
  ['I13', 'the database of a trial', database({ scratch: ['spillway_trial_1_2_3'] })],
  ['I13', 'a half-built index', database({ invalidIndexes: ['orders_total_wide_idx'] })],
  ['I13', 'a session with the migration lock', database({ sessions: ['release/lane/shop, pid 7, idle'] })],
  ['I13', 'a copy that no list names', database({ listedCopies: [] })],
  ['I13', 'a listed copy that is not there', database({ copies: [] })],
  [
    'I13',
    'a column under its hidden name',
    database({ retired: [{ part: '002', isDropped: false, isPutBack: false }] }),
  ],
  [
    'I13',
    'a contract that kept no copy',
    (facts) => ({ ...contracted(facts), ...database({ copies: [], listedCopies: [] })(facts) }),
  ],
  ['I14', 'a part that the ledger has as applied', database({ ledger: [{ ...undone, isUndone: false }] })],
  ['I14', 'a part that the lineage has as applied', database({ lineage: [{ ...undone, isUndone: false }] })],
  [
    'I14',
    'a part that is half applied',
    (facts) => ({
      ...contracted(facts),
      ...database({ ledger: [{ ...undone, isUndone: false, isApplied: false }] })(facts),
    }),
  ],
];

const namesOf = (facts: Facts): readonly string[] => [
  ...new Set(brokenOf(facts).map((line) => line.split(':')[0] ?? '')),
];

it('finds nothing in a sound world', () => {
  expect(brokenOf(soundWorld())).toEqual([]);
});

it('finds nothing where a lease ran out and the canary was closed meanwhile, or where nobody could tell and all waited', () => {
  const silence = { fromMs: 300, closedByMs: 350, untilMs: 450 };
  const facts = soundWorld();
  expect(brokenOf({ ...facts, ...story({ silence, blindness: silence })(facts) })).toEqual([]);
});

it('finds nothing where users were led back step by step, by an activity of its own', () => {
  const facts = soundWorld();
  const drained = {
    ...story({ drain: { steps: [25, 13], leastSeen: 2 }, shares: [20, 50, 25, 13] })(facts),
    samples: [...facts.samples.slice(0, 3), sampleAt(330, 25, 9), sampleAt(360, 13, 9), ...facts.samples.slice(3)],
    history: facts.history.map((event) =>
      event.activity === 'closeTraffic' ? { ...event, activity: 'drainTraffic' } : event,
    ),
  };
  expect(brokenOf({ ...facts, ...drained })).toEqual([]);
});

it('finds nothing where a proxy that stood still did half of a change, until it was written again', () => {
  const facts = soundWorld();
  const halved = {
    ...story({ mayHalve: true })(facts),
    samples: [...facts.samples.slice(0, 3), sampleAt(330, 33, 9), sampleAt(360, 33, 9), ...facts.samples.slice(3)],
  };
  expect(brokenOf({ ...facts, ...halved })).toEqual([]);
  expect(namesOf({ ...facts, ...halved, story: facts.story })).toEqual(['I1']);
});

it.each(doctored)('%s finds %s', (invariant, _, change) => {
  const facts = soundWorld();
  expect(namesOf({ ...facts, ...change(facts) })).toContain(invariant);
});

it('has a doctored world for each invariant', () => {
  const found = new Set(doctored.map(([invariant]) => invariant));
  expect(invariants.map(({ name }) => name.split(' ')[0]).filter((name) => !found.has(name ?? ''))).toEqual([]);
});
