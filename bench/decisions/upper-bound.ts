/** Upper 95 % bound of a share by Wilson's score interval, one-sided. */
export function upperBound(count: number, of: number): number {
  if (of === 0) return 1;
  const z = 1.6448536;
  const share = count / of;
  const centre = share + (z * z) / (2 * of);
  const half = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return Math.min(1, (centre + half) / (1 + (z * z) / of));
}
