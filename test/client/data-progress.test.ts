import type { WorkflowExecutionDescription } from '@temporalio/client';
import { defaultFailureConverter, defaultPayloadConverter, toPayloads } from '@temporalio/common';
import { progressIn } from '../../src/client/data-progress';
import type { Temporal } from '../../src/client/temporal';
import { explain } from '../../src/core/release/explain';
import { newRelease } from '../../src/core/release/state';
import { sealed } from '../core/release/sample';

const temporal = {
  client: {
    options: {
      loadedDataConverter: {
        payloadConverter: defaultPayloadConverter,
        failureConverter: defaultFailureConverter,
        payloadCodecs: [],
      },
    },
  },
} as unknown as Temporal;
const described = (name: string, beat?: unknown) =>
  ({
    raw: {
      pendingActivities: [
        {
          activityType: { name },
          ...(beat === undefined ? {} : { heartbeatDetails: { payloads: toPayloads(defaultPayloadConverter, beat) } }),
        },
      ],
    },
  }) as unknown as WorkflowExecutionDescription;
const progress = { unit: 'rows', done: 412_000, estimated: 1_000_000, perSecond: 98_000 };

it.each<readonly [string, string, unknown, unknown]>([
  ['a backfill that runs', 'backfill', { said: '…', progress, movedAtMs: 1 }, progress],
  ['an index that is built', 'migrate', { said: '…', progress, movedAtMs: 1 }, progress],
  [
    'a part that has told nothing',
    'migrate',
    { said: '…', progress: { unit: 'rows', done: 0 }, movedAtMs: 1 },
    undefined,
  ],
  ['a backfill that has not beaten', 'backfill', undefined, undefined],
  ['other work', 'observe', { progress }, undefined],
  ['a heartbeat of an older worker', 'backfill', { batches: 1, rows: 10 }, undefined],
])('reads how far it is from the heartbeat: %s', async (_, name, beat, expected) => {
  expect(await progressIn(temporal, described(name, beat))).toEqual(expected);
});

it('the one sentence says how far it is, and why it rests', () => {
  const apply = { kind: 'apply', id: 'backfill', title: 'Backfill the data', effects: [] } as const;
  const state = {
    ...newRelease('ada', 0),
    sealed: { ...sealed, plan: { ...sealed.plan, stages: [apply] } },
    stage: 'backfill',
    stages: [{ id: 'backfill', state: 'running', startedAtMs: 0 }],
  } as unknown as Parameters<typeof explain>[0];
  expect(explain(state, progress).sentence).toMatch(
    /^Working: Backfill the data \(412,000 of about 1,000,000 rows, 98,000 rows\/s, 6s left\), since/,
  );
  const resting = { because: 'guardrail latency of the baseline is 300, more than at most 200' };
  expect(explain(state, { ...progress, resting }).sentence).toMatch(
    /^Resting: Backfill the data \(412,000 of about 1,000,000 rows; resting because guardrail latency/,
  );
});
