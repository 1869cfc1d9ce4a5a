import type { ValueLimit } from '../../descriptor/value-limit';
import { gaugeEvidence, startGauge, stepGauge, type GaugeState } from '../methods/gauge';
import { kept, logAdd } from '../rounding';
import { judgeOnce, type Classed } from './classed';
import { addPoint, leastPoints, noPoints, type Points, type ValuePair } from './points';
import type { ComparedRule } from './rule';

type Sums = ValuePair & { readonly count: number };

/** What is remembered of one metric whose values are compared: plain data. */
export type ComparedState = {
  readonly fromMs: number;
  readonly atMs: number;
  /** Sums since the present stage began. */
  readonly stage: Sums;
  /** The baseline's mean in the last stage that had one beside it. */
  readonly frozen?: number;
  /** The baseline's size, in which factors are measured; from its first readings. */
  readonly scale?: number;
  readonly above?: GaugeState;
  readonly below?: GaugeState;
  /** For Mann and Whitney's test: the readings of the stage. */
  readonly points?: Points;
  /** What that test said of them, once the stage had baked. */
  readonly classed?: Classed;
};

/** State of every compared metric. */
export type ComparedStates = { readonly [metric: string]: ComparedState };

const noSums: Sums = { count: 0, baseline: 0, canary: 0 };
const readingsOfScale = 5;

const startCompared = (atMs: number): ComparedState => ({ fromMs: atMs, atMs, stage: noSums });

/** What the canary has more (`max`) or less (`min`) than the baseline, so that harm is beyond `margin`. */
function excess(limit: ValueLimit, side: 1 | -1, { baseline, canary }: ValuePair, scale: number) {
  const difference = side * (canary - baseline);
  if (limit.kind === 'margin') return { margin: limit.by, difference };
  const part = Math.abs(limit.factor - 1);
  const margin = part * scale;
  return { margin, difference: difference - (part * Math.abs(baseline) - margin) };
}

function stepSide(
  before: GaugeState | undefined,
  limit: ValueLimit | undefined,
  side: 1 | -1,
  pair: ValuePair,
  at: { readonly scale: number; readonly atS: number; readonly lengthS: number; readonly plannedS: number },
): GaugeState | undefined {
  if (limit === undefined) return undefined;
  const { margin, difference } = excess(limit, side, pair, at.scale);
  if (!(margin > 0)) return before;
  return stepGauge(before ?? startGauge(), { difference, placebo: 0 }, at, { margin, plannedS: at.plannedS });
}

/** The state with one more reading of both versions. */
export function stepCompared(
  known: ComparedState | undefined,
  rule: ComparedRule,
  pair: ValuePair,
  time: { readonly atMs: number; readonly plannedMs: number; readonly isBaked: boolean },
): ComparedState {
  const before = known ?? startCompared(time.atMs);
  const stage: Sums = {
    count: before.stage.count + 1,
    baseline: kept(before.stage.baseline + pair.baseline),
    canary: kept(before.stage.canary + pair.canary),
  };
  const isScaleDue = before.scale === undefined && stage.count >= readingsOfScale && stage.baseline !== 0;
  const scale = isScaleDue ? Math.abs(kept(stage.baseline / stage.count)) : before.scale;
  const base: ComparedState = { ...before, atMs: time.atMs, stage, ...(scale === undefined ? {} : { scale }) };
  if (rule.method === 'mann-whitney') {
    // It may be looked at once: what comes after the bake would be a second look.
    if (before.classed !== undefined) return base;
    const points = addPoint(before.points ?? noPoints, pair);
    const isDue = time.isBaked && points.pairs.length >= leastPoints;
    return { ...base, points, ...(isDue ? { classed: judgeOnce(rule, points) } : {}) };
  }
  const at = {
    scale: scale ?? 0,
    atS: (time.atMs - before.fromMs) / 1_000,
    lengthS: Math.max(0, time.atMs - before.atMs) / 1_000,
    plannedS: time.plannedMs / 1_000,
  };
  const above = stepSide(before.above, rule.max, 1, pair, at);
  const below = stepSide(before.below, rule.min, -1, pair, at);
  return { ...base, ...(above === undefined ? {} : { above }), ...(below === undefined ? {} : { below }) };
}

const withoutProof = (state: GaugeState | undefined): GaugeState | undefined =>
  state === undefined ? undefined : { ...state, safe: 0 };

/** The states at the start of a stage: harm is remembered, safety is to be proved anew, and the baseline's mean is kept. */
export function beginCompared(states: ComparedStates): ComparedStates {
  return Object.fromEntries(
    Object.entries(states).map(([name, { points, classed: _, ...state }]) => {
      const { count, baseline } = state.stage;
      const [above, below] = [withoutProof(state.above), withoutProof(state.below)];
      const next: ComparedState = {
        ...state,
        stage: noSums,
        ...(count > 0 ? { frozen: kept(baseline / count) } : {}),
        ...(above === undefined ? {} : { above }),
        ...(below === undefined ? {} : { below }),
        ...(points === undefined ? {} : { points: noPoints }),
      };
      return [name, next] as const;
    }),
  );
}

/** ln E that the canary is beyond a limit; an average where there are two. */
export function comparedHarm({ above, below }: ComparedState): number | undefined {
  const logs = [above, below].flatMap((state) => (state === undefined ? [] : [gaugeEvidence(state)]));
  const [first, second] = logs;
  if (first === undefined) return undefined;
  return second === undefined ? first : logAdd(first, second) - Math.LN2;
}

/** ln E that the canary is beyond none by twice the margin: as much as the weaker of two proofs says. */
export const comparedProof = ({ above, below }: ComparedState): number =>
  Math.min(...[above, below].flatMap((state) => (state === undefined ? [] : [state.safe])), Infinity);
