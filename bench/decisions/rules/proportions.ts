import { buckets } from '../streams/latency';
import type { Arm, Stream } from '../streams/simulate';
import { never } from './rule';

/** Bad of all requests so far, of the canary and of what it is compared with. */
export type Proportions = {
  readonly canaryBad: number;
  readonly canary: number;
  readonly controlBad: number;
  readonly control: number;
};

/** Buckets from 250 and from 500 ms on. */
const slowFrom = [7, 8];

const slower = ({ slow }: Arm, tick: number, from: number): number => {
  let sum = 0;
  for (let bucket = from; bucket < buckets; bucket += 1) sum += slow[tick * buckets + bucket] ?? 0;
  return sum;
};

/** When `fires` first holds for errors (against all others) or slow requests (against the fresh baseline alone: the rest is
 * warm), looked at every tick. Slow are those above 250 and above 500 ms. */
export function firstOf(stream: Stream, fires: (soFar: Proportions, elapsedS: number) => boolean): number {
  const { canary, baseline, stable, scenario } = stream;
  const [bad, control] = [new Float64Array(3), new Float64Array(3)];
  let [n, others, fresh] = [0, 0, 0];
  for (let tick = 0; tick < scenario.ticks; tick += 1) {
    n += canary.n[tick] ?? 0;
    fresh += baseline.n[tick] ?? 0;
    others += (baseline.n[tick] ?? 0) + (stable.n[tick] ?? 0);
    bad[0] = (bad[0] ?? 0) + (canary.err[tick] ?? 0);
    control[0] = (control[0] ?? 0) + (baseline.err[tick] ?? 0) + (stable.err[tick] ?? 0);
    const elapsedS = (tick + 1) * scenario.tickS;
    for (let metric = 0; metric < 3; metric += 1) {
      const from = slowFrom[metric - 1];
      if (from !== undefined) {
        bad[metric] = (bad[metric] ?? 0) + slower(canary, tick, from);
        control[metric] = (control[metric] ?? 0) + slower(baseline, tick, from);
      }
      const soFar = {
        canaryBad: bad[metric] ?? 0,
        canary: n,
        controlBad: control[metric] ?? 0,
        control: metric === 0 ? others : fresh,
      };
      if (fires(soFar, elapsedS)) return elapsedS;
    }
  }
  return never;
}
