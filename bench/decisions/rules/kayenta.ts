import { buckets } from '../streams/latency';
import { durationS } from '../streams/scenario';
import type { Arm, Stream } from '../streams/simulate';
import { isHigh } from './mann-whitney';
import { quantilesOf } from './quantile';
import { never, ticksPerMinute, type Rule } from './rule';
import { sumBlocks, sumRows } from './windows';

const pass = 75;
const marginal = 50;

/** One point a minute: error percentage (0 without requests), p99 in ms, CPU in percent. */
function pointsOf({ n, err, slow, cpu }: Arm, width: number): readonly Float64Array[] {
  const [requests, failed] = [sumBlocks(n, width), sumBlocks(err, width)];
  return [
    requests.map((count, minute) => (count > 0 ? (100 * (failed[minute] ?? 0)) / count : 0)),
    quantilesOf(sumRows(slow, buckets, width), 0.99).map((seconds) => 1_000 * seconds),
    sumBlocks(cpu, width).map((sum) => (100 * sum) / width),
  ];
}

/** Errors are critical; three groups weigh the same. */
function scoreOf([errors, ...others]: readonly boolean[]): number {
  if (errors === true) return 0;
  const good = others.filter((isBad) => !isBad).length + 1;
  return (100 * good) / (others.length + 1);
}

/** Kayenta's judge on the canary against the fresh baseline, every `everyMinutes` over all minutes so far: a score below
 * marginal fails, at the end one below pass. */
export const kayenta = (everyMinutes: number): Rule => ({
  name: `Kayenta ${everyMinutes} min`,
  rollsBackAtS(stream: Stream) {
    const width = ticksPerMinute(stream);
    const wholeMinutes = Math.round(durationS(stream.scenario) / 60);
    const [canary, baseline] = [pointsOf(stream.canary, width), pointsOf(stream.baseline, width)];
    for (let minutes = everyMinutes; minutes <= wholeMinutes; minutes += everyMinutes) {
      const isBad = canary.map((points, metric) =>
        isHigh(points.subarray(0, minutes), (baseline[metric] ?? new Float64Array()).subarray(0, minutes)),
      );
      if (scoreOf(isBad) < (minutes === wholeMinutes ? pass : marginal)) return minutes * 60;
    }
    return never;
  },
});
