import type { Verdict, WatchView } from '../../src/core/analysis/types';
import type { ReleaseEvent } from '../../src/core/release/events';
import { applyEvent, newRelease, type ReleaseState } from '../../src/core/release/state';
import { planOf } from '../core/plan/shop-sources';

const seal = {
  planDigest: `sha256:${'91c2'.repeat(16)}`,
  environment: 'production',
  workflowId: 'release/production/shop',
  firstRunId: 'run-1',
};

const plan = planOf({
  descriptor: {
    stages: [{ canaryPercent: 5 }, { canaryPercent: 25, gate: 'go' }],
    gates: { go: {} },
  },
});

export const startMs = Date.UTC(2026, 10, 21, 14, 0, 0);
export const workflowId = seal.workflowId;

/** The state after these events, one second after the other. */
export const stateAfter = (...events: readonly ReleaseEvent[]): ReleaseState =>
  events.reduce<ReleaseState>(
    (state, event, index) => applyEvent(state, { atMs: startMs + 1_000 * (index + 1), event }),
    newRelease('ada', startMs),
  );

export const compiled: ReleaseEvent = {
  type: 'compiled',
  sealed: { plan, seal, mac: 'mac', effects: [], contract: [] },
};

export const passing: Verdict = {
  metric: 'http-errors',
  value: 'pass',
  guardrail: true,
  reason: 'canary 0.21 % of 1,284 against 0.19 %, limit 0.69 %',
  canary: 0.0021,
  baseline: 0.0019,
  limit: 0.0069,
  query: 'sum(rate(errors[1m]))',
};
const failing: Verdict = {
  ...passing,
  value: 'fail',
  reason: 'canary 1.84 % of 1,284 is over the limit 0.69 %',
};

const stagesBefore = (id: string): readonly ReleaseEvent[] =>
  plan.stages
    .slice(
      0,
      plan.stages.findIndex((stage) => stage.id === id),
    )
    .flatMap((stage) => [
      { type: 'stage-started', stageId: stage.id },
      { type: 'stage-done', stageId: stage.id, reason: 'as wanted', verdicts: [] },
    ]);

/** At the start of a stage, everything before it done. */
export const upTo = (id: string): readonly ReleaseEvent[] => [
  compiled,
  ...stagesBefore(id),
  { type: 'stage-started', stageId: id },
];

export const view: WatchView = {
  stageId: 'expose-5',
  atMs: startMs + 60_000,
  canaryPercentWanted: 5,
  canaryPercentObserved: 4.93,
  bakedMs: 360_000,
  bakeMs: 600_000,
  verdicts: [passing],
  decision: { action: 'hold', reason: 'baking', why: 'baking' },
  canaryRequests: 1_284,
  canaryBad: 3,
};

export const undone: readonly ReleaseEvent[] = [
  { type: 'effect-intended', effect: 'expose/shop', title: 'Expose' },
  { type: 'effect-done', effect: 'expose/shop', detail: '5 %' },
  {
    type: 'failed',
    failure: { code: 'GuardrailBroken', reason: failing.reason, metric: 'http-errors' },
    verdicts: [failing],
  },
  { type: 'compensation-started', effect: 'expose/shop' },
];

export const proved: readonly ReleaseEvent[] = [
  { type: 'compensation-verified', effect: 'expose/shop', detail: 'blue 100 %, green 0 %' },
  {
    type: 'proof-taken',
    proof: {
      isRestored: true,
      lines: [
        { object: 'traffic to blue (baseline)', expected: '100 % ready', observed: '100 % ready', isEqual: true },
      ],
      drift: [{ object: 'flag flags/other', expected: 'true', observed: 'false', isEqual: false }],
    },
  },
  { type: 'ended', ending: 'RolledBack' },
];
