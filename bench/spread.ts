export type Spread = {
  readonly runs: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
};

const round = (value: number): number => Math.round(value * 10) / 10;

/** Nearest rank: always a value that was measured, so a small sample flatters nobody. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error('nothing was measured');
  return found;
}

/** Median, 95th percentile and the worst, to a tenth. */
export const spreadOf = (values: readonly number[]): Spread => ({
  runs: values.length,
  p50: round(quantile(values, 0.5)),
  p95: round(quantile(values, 0.95)),
  max: round(quantile(values, 1)),
});

export const describeMs = ({ runs, p50, p95, max }: Spread): string =>
  `p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms, max ${Math.round(max)} ms (${runs} runs)`;
