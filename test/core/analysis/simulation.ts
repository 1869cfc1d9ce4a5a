import { seededRandom } from '../../../src/core/seeded-random';
import { absorb, startEngine } from '../../../src/core/analysis/engine';
import { judge, type JudgedStage } from '../../../src/core/analysis/judge';
import type { EngineState } from '../../../src/core/analysis/types';
import type { MetricRule } from '../../../src/core/plan/plan';

/** Error shares of both arms at a moment since the start of the stream. */
export type Rates = (atMs: number) => { readonly baseline: number; readonly canary: number };

export type Stream = {
  readonly seed: number;
  readonly requestsPerSecond: number;
  readonly stage: JudgedStage & { readonly canaryPercent: number };
  readonly rates: Rates;
  /** Requests take turns as a weighted round robin makes them; otherwise each chooses its arm by chance. */
  readonly takesTurns?: boolean;
  readonly fromMs?: number;
  readonly untilMs: number;
  readonly startState?: EngineState;
};

export type Outcome = {
  /** When the guardrail failed, in stream time. */
  readonly failedAtMs?: number;
  /** When the canary gave its first bad answer after `fromMs`, in stream time. */
  readonly firstBadAtMs?: number;
  readonly state: EngineState;
};

const sampleEveryMs = 50;
const rule: MetricRule = {
  name: 'http-errors',
  kind: 'proxy-errors',
  guardrail: true,
  limit: { kind: 'margin', share: 0.005 },
};

function drawPoisson(random: () => number, mean: number): number {
  if (mean === 0) return 0;
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count += 1;
  return count;
}

/** Runs one stream of requests that come at random moments, and stops at the first failed verdict.
 * Ticks without a bad answer of the canary are absorbed but not judged: they can hardly fail anew.
 */
export function runStream(stream: Stream): Outcome {
  const { requestsPerSecond, stage, rates, untilMs } = stream;
  const random = seededRandom(stream.seed);
  const perSample = (requestsPerSecond * sampleEveryMs) / 1_000;
  const canaryShare = stage.canaryPercent / 100;
  let turn = random();
  const isCanarysTurn = (): boolean => {
    if (stream.takesTurns !== true) return random() < canaryShare;
    turn += canaryShare;
    if (turn < 1) return false;
    turn -= 1;
    return true;
  };
  let state = stream.startState ?? startEngine();
  let { baseline, canary } = state.metrics[rule.name]?.last ?? {
    baseline: { total: 0, bad: 0 },
    canary: { total: 0, bad: 0 },
  };
  let firstBadAtMs: number | undefined;
  for (let atMs = stream.fromMs ?? 0; atMs <= untilMs; atMs += sampleEveryMs) {
    const share = rates(atMs);
    const grown = { baseline: 0, canary: 0, baselineBad: 0, canaryBad: 0 };
    for (let left = drawPoisson(random, perSample); left > 0; left -= 1) {
      const arm = isCanarysTurn() ? 'canary' : 'baseline';
      grown[arm] += 1;
      if (share[arm] > 0 && random() < share[arm]) grown[`${arm}Bad`] += 1;
    }
    const { canaryBad } = grown;
    canary = { total: canary.total + grown.canary, bad: canary.bad + canaryBad };
    baseline = { total: baseline.total + grown.baseline, bad: baseline.bad + grown.baselineBad };
    state = absorb(state, { atMs, readings: { [rule.name]: { kind: 'counts', baseline, canary } } });
    if (canaryBad === 0) continue;
    firstBadAtMs ??= atMs - sampleEveryMs * random() ** (1 / canaryBad);
    if (judge(state, [rule], stage)[0]?.value === 'fail') return { failedAtMs: atMs, firstBadAtMs, state };
  }
  return { ...(firstBadAtMs !== undefined && { firstBadAtMs }), state };
}

/** The value that this share of the numbers does not exceed. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
