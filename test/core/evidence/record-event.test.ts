import { chainRecords, chainStart, verifyChain } from '../../../src/core/evidence/chain';
import { recordOf } from '../../../src/core/evidence/record-event';
import type { ReleaseEvent } from '../../../src/core/release/events';
import { after, at, compiled, holding, ready, sealed, snapshot, startMs } from '../release/sample';

const said = { id: 'm1', by: 'ada', why: 'fine' };
const effect = 'deploy/shop';
const verdicts = [{ metric: 'm', value: 'fail', guardrail: true, reason: 'r', canary: Number.NaN }] as const;

const rows: readonly [ReleaseEvent, type: string, actor: string][] = [
  [compiled, 'started', 'spillway'],
  [{ type: 'refused', refusals: [] }, 'refusal', 'spillway'],
  [{ type: 'snapshot-taken', snapshot, rolesMac: 'mac', keptMac: 'kept' }, 'snapshot', 'spillway'],
  [{ type: 'stage-started', stageId: 's' }, 'checkpoint', 'spillway'],
  [{ type: 'stage-done', stageId: 's', reason: 'r', verdicts }, 'checkpoint', 'spillway'],
  [{ type: 'effect-intended', effect, title: 't' }, 'intent', 'spillway'],
  [{ type: 'effect-done', effect, detail: 'd' }, 'effect', 'spillway'],
  [
    { type: 'gate-opened', gate: 'go', deadlineMs: 1, pack: { planDigest: 'sha256:abc', verdicts } },
    'checkpoint',
    'spillway',
  ],
  [{ type: 'gate-reminded', gate: 'go', escalated: true }, 'checkpoint', 'spillway'],
  [{ type: 'approved', gate: 'go', ...said }, 'approval', 'ada'],
  [{ type: 'rejected', gate: 'go', ...said }, 'approval', 'ada'],
  [{ type: 'message-refused', message: 'approve', by: 'eve', reason: 'r' }, 'refusal', 'eve'],
  [{ type: 'paused', ...said, deadlineMs: 1 }, 'decision', 'ada'],
  [{ type: 'resumed', ...said }, 'decision', 'ada'],
  [{ type: 'watch-changed', stageId: 's', class: 'no-data', reason: 'r', verdicts }, 'decision', 'spillway'],
  [{ type: 'split-lost', observed: 'o' }, 'drift', 'spillway'],
  [{ type: 'split-restored', detail: 'd' }, 'drift', 'spillway'],
  [{ type: 'failed', failure: { code: 'GuardrailBroken', reason: 'r' }, verdicts }, 'decision', 'spillway'],
  [{ type: 'failed', failure: { code: 'Aborted', reason: 'r', by: 'dee' } }, 'decision', 'dee'],
  [{ type: 'compensation-started', effect }, 'intent', 'spillway'],
  [{ type: 'compensation-verified', effect, detail: 'd' }, 'compensation', 'spillway'],
  [{ type: 'compensation-stuck', effect, reason: 'r' }, 'compensation', 'spillway'],
  [{ type: 'compensation-retried', effect, ...said }, 'compensation', 'ada'],
  [{ type: 'compensation-waived', effect, ...said }, 'compensation', 'ada'],
  [{ type: 'proof-taken', proof: holding }, 'proof', 'spillway'],
  [{ type: 'ended', ending: 'RolledBack' }, 'ended', 'spillway'],
];

it.each(rows.map(([event, type, actor]) => [event.type, type, actor, event] as const))(
  'a record of %s is a %s by %s, in plain JSON',
  (_name, type, actor, event) => {
    const record = recordOf(event, 7, startMs);
    expect(record).toMatchObject({ seq: 7, at: new Date(startMs).toISOString(), type, actor });
    expect(record.detail['type']).toBe(event.type);
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  },
);

it('keeps the plan out of the evidence and its digest in', () => {
  const { detail } = recordOf(compiled, 1, startMs);
  expect(detail).toEqual({ type: 'compiled', seal: sealed.seal, mac: 'mac' });
  expect(JSON.stringify(detail)).not.toMatch(/alter table|Names are stored/);
});

it('tells of a recovered release what its lost run had done, where that is known', () => {
  const done: readonly ReleaseEvent[] = [
    ...ready,
    at('expose-5'),
    { type: 'effect-intended', effect: 'expose/shop', title: 'send 5 % to it' },
  ];
  const recovered = {
    type: 'recovered',
    grant: { firstRunId: 'r2', mac: 'm' },
    by: 'dee',
    why: 'it was cut off',
  } as const;
  const found = (from: 'history' | 'store') =>
    recordOf({ ...recovered, state: after(done), from, isJournalWhole: from === 'history' }, 9, startMs).detail[
      'found'
    ];
  expect(found('history')).toMatchObject({
    phase: 'Releasing',
    stage: 'expose-5',
    journal: [{ effect: 'expose/shop', state: 'intended' }],
  });
  expect(JSON.stringify(found('history'))).not.toMatch(/alter table/);
  expect(found('store')).toBeUndefined();
});

it('chains every kind of event, and leaves the event as it was', () => {
  const before = JSON.stringify(rows);
  const records = rows.map(([event], index) => recordOf(event, index + 1, startMs + index));
  expect(verifyChain(chainRecords(chainStart, records)).ok).toBe(true);
  expect(JSON.stringify(rows)).toBe(before);
});
