import { createStreamJudge } from '../../src/core/analysis/judge-stream';
import type { ArmTick, StreamDecision, StreamMeta, StreamTick } from '../../src/core/analysis/stream';
import { never } from './rules/rule';
import { buckets, upperBoundsS } from './streams/latency';
import type { Scenario } from './streams/scenario';
import type { Arm, Stream } from './streams/simulate';

/** What the bench reads of the engine's door. */
export type CreateJudge = (meta: StreamMeta) => {
  step(tick: StreamTick): StreamDecision & { readonly culprits: readonly string[] };
};

/** What Spillway's own rule, with its defaults, made of one stream. */
export type Judged = {
  readonly rollsBackAtS: number;
  /** Metrics it blamed then. */
  readonly culprits: readonly string[];
  /** When it first held because of the split of the traffic, and when it first said that the canary is safe. */
  readonly holdsForSplitAtS: number;
  readonly advancesAtS: number;
};

export const metaOf = ({ tickS, ticks, share }: Scenario): StreamMeta => ({ tickS, ticks, le: upperBoundsS, share });

const armTick = ({ n, err, slow, cpu }: Arm, tick: number): ArmTick => ({
  n: n[tick] ?? 0,
  err: err[tick] ?? 0,
  buckets: Array.from(slow.subarray(tick * buckets, (tick + 1) * buckets)),
  cpu: cpu[tick] ?? 0,
});

export const streamTick = ({ scenario, canary, baseline, stable }: Stream, tick: number): StreamTick => ({
  // Multiples of 0.2 are no sums of it.
  t: Math.round((tick + 1) * scenario.tickS * 1_000) / 1_000,
  canary: armTick(canary, tick),
  baseline: armTick(baseline, tick),
  stable: armTick(stable, tick),
});

/** Steps through a stream until the first rollback, or to its end. */
export function judgeStream(stream: Stream, createJudge: CreateJudge = createStreamJudge): Judged {
  const { scenario } = stream;
  const judge = createJudge(metaOf(scenario));
  let [holdsForSplitAtS, advancesAtS] = [never, never];
  for (let tick = 0; tick < scenario.ticks; tick += 1) {
    const at = streamTick(stream, tick);
    const found = judge.step(at);
    if (found.action === 'roll-back')
      return { rollsBackAtS: at.t, culprits: found.culprits, holdsForSplitAtS, advancesAtS };
    if (found.action === 'hold' && found.why === 'split' && holdsForSplitAtS === never) holdsForSplitAtS = at.t;
    if (found.action === 'advance' && advancesAtS === never) advancesAtS = at.t;
  }
  return { rollsBackAtS: never, culprits: [], holdsForSplitAtS, advancesAtS };
}
