import type { Tilted } from './slowings';

/** Histograms of one tick: of the canary, of healthy instances as fresh as it, and of healthy ones in service before. */
export type LatencyTick = {
  readonly canary: readonly number[];
  readonly fresh: readonly number[];
  readonly warm: readonly number[];
  /** Whether fresh instances may still be slower than warm ones. */
  readonly isCold: boolean;
};

/** All requests of a histogram. */
export const sum = (histogram: readonly number[]): number => histogram.reduce((total, count) => total + count, 0);

/** Requests above the bound of that place. */
export const sumAbove = (histogram: readonly number[], bound: number): number => sum(histogram.slice(bound + 1));

/** Whom the canary is compared with: the requests of each bucket, and the odds that one of them is the canary's. */
export type Comparison = {
  readonly control: readonly number[];
  readonly total: number;
  readonly odds: readonly number[];
};

/** Warm instances are a fair control of a cold canary only where it is known how much slower fresh ones are. */
export function compare(tick: LatencyTick, canary: number, tilt: readonly number[] | undefined): Comparison {
  const [fresh, warm] = [sum(tick.fresh), sum(tick.warm)];
  const usesWarm = !tick.isCold || (fresh > 0 && tilt !== undefined);
  const control = tick.canary.map((_, b) => (tick.fresh[b] ?? 0) + (usesWarm ? (tick.warm[b] ?? 0) : 0));
  const odds = tick.canary.map((_, b) => {
    const slower = tick.isCold && usesWarm ? Math.exp(tilt?.[b] ?? 0) : 1;
    return (canary * slower) / Math.max(1e-9, fresh * slower + (usesWarm ? warm : 0));
  });
  return { control, total: fresh + (usesWarm ? warm : 0), odds };
}

/** The log-likelihood ratio of one tick, in nats: given the requests of a bucket, who had them is a coin with these odds. */
export function nats(
  { slower, tolerated, logs }: Tilted,
  canary: readonly number[],
  { control, odds }: Comparison,
): number {
  let gain = 0;
  for (let b = 0; b < slower.length; b += 1) {
    const own = canary[b] ?? 0;
    const other = control[b] ?? 0;
    if (own + other === 0) continue;
    const o0 = (odds[b] ?? 0) * (tolerated[b] ?? 1);
    const o1 = (odds[b] ?? 0) * (slower[b] ?? 1);
    gain += own * (logs[b] ?? 0) - (own + other) * Math.log((1 + o1) / (1 + o0));
  }
  return gain;
}
