import { buckets } from '../streams/latency';
import { quantilesOf } from './quantile';
import { never, ticksPerMinute, type Rule } from './rule';
import { sumBlocks, sumRows } from './windows';

const leastSuccess = 0.99;
const slowestP99S = 0.5;

/** Flagger: every minute success ≥ 99 % and p99 ≤ 500 ms of that minute; failed checks, and those without data, add up to
 * `threshold`, and the loop after that rolls back. */
export const flagger = (threshold: number): Rule => ({
  name: `Flagger t${threshold}`,
  rollsBackAtS(stream) {
    const width = ticksPerMinute(stream);
    const { canary } = stream;
    const [n, err] = [sumBlocks(canary.n, width), sumBlocks(canary.err, width)];
    const p99 = quantilesOf(sumRows(canary.slow, buckets, width), 0.99);
    let failed = 0;
    for (let minute = 0; minute + 1 < n.length; minute += 1) {
      const success = 1 - (err[minute] ?? 0) / (n[minute] ?? 0);
      if (!(success >= leastSuccess && (p99[minute] ?? NaN) <= slowestP99S)) failed += 1;
      if (failed >= threshold) return (minute + 2) * 60;
    }
    return never;
  },
});
