import type { Facts } from './facts';
import { shareOf, type Sample } from './sampler';
import { tolerance } from './traffic';

const canaryShare = (sample: Sample): number => shareOf(sample, 'green');

/** I1: while nobody renews the lease of an exposed canary it is closed when the lease is over, and stays closed. */
export function brokenSilence({ story, samples }: Facts): readonly string[] {
  if (story.silence === undefined) return [];
  const { fromMs, closedByMs, untilMs } = story.silence;
  const last = samples.findLast(({ atMs }) => atMs <= fromMs);
  const wasExposed = last !== undefined && canaryShare(last) > 0;
  const after = samples.filter(({ atMs }) => atMs >= closedByMs);
  const [open] = after.filter((sample) => canaryShare(sample) > 0);
  return [
    ...(wasExposed ? [] : ['nobody was on the canary when its lease was no longer renewed, so nothing was tried']),
    ...(after.some(({ atMs }) => atMs < untilMs) ? [] : ['nobody looked at the proxy between lease and return']),
    ...(open === undefined
      ? []
      : [`${canaryShare(open)} % are on the canary ${open.atMs - fromMs} ms after its lease was last renewed`]),
  ];
}

/** I2: nobody gives everything to a canary of which nothing is known. */
export function brokenBlindness({ story, samples }: Facts): readonly string[] {
  if (story.blindness === undefined) return [];
  const { fromMs, untilMs } = story.blindness;
  const blind = samples.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
  const [given] = blind.filter((sample) => canaryShare(sample) > Math.max(...story.shares) + tolerance);
  return [
    ...(blind.length > 0 ? [] : ['nobody looked at the proxy while the metrics were away']),
    ...(given === undefined ? [] : [`it was promoted ${given.atMs - fromMs} ms after the metrics went away`]),
  ];
}
