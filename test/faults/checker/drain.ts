import type { Facts } from './facts';
import { shareOf } from './sampler';
import { tolerance, wayBackAtMs } from './traffic';

/** I2: users who are led back step by step are led down alone, and are not thrown out at once. */
export function brokenDrain({ story, samples, history }: Facts): readonly string[] {
  if (story.drain === undefined) return [];
  const { steps, leastSeen } = story.drain;
  const beganAtMs = wayBackAtMs(history);
  if (beganAtMs === undefined) return ['nobody was led back'];
  const shares = samples
    .filter(({ atMs }) => atMs >= beganAtMs)
    .map((sample) => ({ ...sample, share: shareOf(sample, 'green') }));
  const risen = shares.filter(({ share }, index) => index > 0 && share > (shares[index - 1]?.share ?? 100) + tolerance);
  const seen = steps.filter((step) => shares.some(({ share }) => Math.abs(share - step) <= tolerance));
  return [
    ...risen.slice(0, 3).map(({ share, atMs }) => `raised to ${share} % ${atMs - beganAtMs} ms after the drain began`),
    ...(seen.length >= leastSeen
      ? []
      : [`of the steps ${steps.join(', ')} only ${seen.join(', ') || 'none'} was seen`]),
  ];
}
