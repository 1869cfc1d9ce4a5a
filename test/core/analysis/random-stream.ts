import { seededRandom } from '../../../src/core/seeded-random';
import type { ArmTick, StreamMeta, StreamTick } from '../../../src/core/analysis/stream';

/** What the canary does: shares of errors, a factor in time on every answer, points of CPU. */
export type World = {
  readonly errors?: number;
  readonly canaryErrors?: number;
  readonly slower?: number;
  readonly canaryCpu?: number;
  readonly canaryTraffic?: number;
  readonly placeboErrors?: number;
};

export const meta: StreamMeta = {
  tickS: 15,
  ticks: 80,
  le: [0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1],
  share: { canary: 0.1, baseline: 0.1, stable: 0.8 },
};

/** A seeded stream at 20 requests a second with independent requests: log-normal latency around 60 ms. */
export function randomStream(seed: number, world: World = {}, requestsPerSecond = 20): readonly StreamTick[] {
  const random = seededRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const arm = (share: number, errors: number, slower: number, cpu: number): ArmTick => {
    const mean = requestsPerSecond * meta.tickS * share;
    const n = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const buckets = Array.from({ length: meta.le.length + 1 }, () => 0);
    let err = 0;
    for (let i = 0; i < n; i += 1) {
      if (random() < errors) err += 1;
      const seconds = 0.06 * slower * Math.exp(0.5 * normal());
      const bucket = meta.le.findIndex((bound) => seconds <= bound);
      const index = bucket === -1 ? meta.le.length : bucket;
      buckets[index] = (buckets[index] ?? 0) + 1;
    }
    return { n, err, buckets, cpu: cpu + 0.01 * normal() };
  };
  const healthy = world.errors ?? 0.002;
  return Array.from({ length: meta.ticks }, (_, i) => ({
    t: (i + 1) * meta.tickS,
    canary: arm(
      0.1 * (world.canaryTraffic ?? 1),
      world.canaryErrors ?? healthy,
      world.slower ?? 1,
      0.4 + (world.canaryCpu ?? 0),
    ),
    baseline: arm(0.1, world.placeboErrors ?? healthy, 1, 0.4),
    stable: arm(0.8, healthy, 1, 0.4),
  }));
}
