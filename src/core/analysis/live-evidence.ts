import { allowedShare } from './guard';
import { beginProof, startAgainstLimit, stepAgainstLimit, type LimitState, type Noise } from './methods/against-limit';
import { highestRate } from './methods/known-rate';
import type { LinearLimit } from './methods/linear-limit';
import { growth } from './engine';
import type { ShareRule } from '../plan/share-rule';
import type { Counts, EngineState, Tally } from './types';

/** The evidence about one metric, and which counts it already holds. */
type MetricEvidence = LimitState & { readonly fromMs: number; readonly atMs: number; readonly read: Tally };

/** The evidence about every metric with a limit: plain data, below 2 KB a metric. */
export type LiveEvidence = { readonly [metric: string]: MetricEvidence };

export type EvidenceLook = {
  readonly atMs: number;
  /** False at full exposure without a holdback: the rates of the control's record must do. */
  readonly hasControl: boolean;
  readonly isFull: boolean;
  readonly isBaselineSilent: boolean;
  /** What all stages are planned to take. */
  readonly plannedMs: number;
};

/** One tick of the engine, whatever the pace of the looks. */
const tickMs = 1_000;

/** Failed requests come again, and one group of instances differs from the next by a quarter for a minute or two. */
const errorNoise: Noise = { priorDispersion: 1.4, naturalSd: 0.27, naturalS: 134 };
/** Slow answers are one answer each, but slow moments last. */
const slowNoise: Noise = { priorDispersion: 1.2, naturalSd: 0.08, naturalS: 285 };

/** A multiple of nearly nothing is still nearly nothing, so a factor has a floor beside it. */
const factorFloor = 0.001;

function lineOf({ limit }: ShareRule): LinearLimit {
  switch (limit.kind) {
    case 'absolute':
      return { slope: 0, share: limit.share };
    case 'margin':
      return { slope: 1, share: limit.share };
    case 'factor':
      return { slope: limit.factor, share: factorFloor };
  }
}

const knownLine = (rule: ShareRule, share: number): LinearLimit => ({
  slope: 0,
  share: allowedShare(rule.limit, Math.min(1, share)),
});

/** What harm and safety are held against: the control beside it, or the record of the one that is gone. */
function limitsOf(rule: ShareRule, look: EvidenceLook, record: Counts) {
  const beside = lineOf(rule);
  if (!look.isFull || rule.limit.kind === 'absolute') return { harm: beside, proof: beside };
  const exposure = Math.max(1, record.total);
  return {
    harm: look.hasControl ? beside : knownLine(rule, highestRate(record.bad, exposure)),
    proof: knownLine(rule, record.bad / exposure),
  };
}

function stepMetric(before: MetricEvidence, rule: ShareRule, tally: Tally, record: Counts, look: EvidenceLook) {
  const time = { atS: (look.atMs - before.fromMs) / 1_000, lengthS: (look.atMs - before.atMs) / 1_000 };
  const noise = rule.kind === 'histogram' ? slowNoise : errorNoise;
  const limits = limitsOf(rule, look, record);
  return stepAgainstLimit(before, tally, limits, time, { ...noise, plannedS: look.plannedMs / 1_000 });
}

/**
 * The evidence with what a look brought, a tick of at least a second at a time. Counts of a time in which the baseline did
 * not answer are left out: its failures would excuse those of the canary.
 */
export function absorbEvidence(
  before: LiveEvidence,
  engine: EngineState,
  rules: readonly ShareRule[],
  look: EvidenceLook,
): LiveEvidence {
  const after: { [metric: string]: MetricEvidence } = {};
  for (const rule of rules) {
    const known = before[rule.name];
    const metric = engine.metrics[rule.name];
    const read = metric?.lastGoodAtMs === look.atMs ? metric.last : undefined;
    if (known !== undefined) after[rule.name] = known;
    if (read === undefined || metric === undefined) continue;
    const placed = { fromMs: known?.fromMs ?? look.atMs, atMs: look.atMs, read };
    // A clock that went back belongs to another host: what it counts begins a new tick.
    if (known === undefined || look.atMs < known.atMs || look.isBaselineSilent)
      after[rule.name] = { ...(known ?? startAgainstLimit()), ...placed };
    else if (look.atMs - known.atMs >= tickMs)
      after[rule.name] = {
        ...stepMetric(known, rule, growth(known.read, read), metric.whole.baseline, look),
        ...placed,
      };
  }
  return after;
}

/** The evidence at the start of a stage: harm is remembered, safety is to be proved anew. */
export const beginEvidence = (evidence: LiveEvidence): LiveEvidence =>
  Object.fromEntries(
    Object.entries(evidence).map(([name, metric]) => [name, { ...metric, ...beginProof(metric) }] as const),
  );
