import type { ArmTick, StreamTick } from '../stream';

/** Why a tick says nothing, in words that tell the cases apart. */
export type Silence =
  | 'nothing was read'
  | 'canary absent'
  | 'control absent'
  | 'counter reset'
  | 'not a number'
  | 'stale'
  | 'no requests to the canary'
  | 'no requests at all';

const isCount = (value: number): boolean => Number.isFinite(value) && value >= 0;

const isSound = (arm: ArmTick): boolean =>
  isCount(arm.n) &&
  isCount(arm.err) &&
  arm.err <= arm.n &&
  (arm.buckets ?? []).every(isCount) &&
  (arm.cpu === undefined || Number.isFinite(arm.cpu));

/** Whether there is an arm at all, and its numbers can be. */
export const isArm = <Arm extends ArmTick>(arm: Arm | null | undefined): arm is Arm => present(arm) && isSound(arm);

const present = (arm: ArmTick | null | undefined): arm is ArmTick => arm !== null && arm !== undefined;

/** Counts of a tick are what counters grew by: one that fell began anew, and what it counted before is lost. */
const isReset = ({ n, err, buckets = [] }: ArmTick): boolean => [n, err, ...buckets].some((count) => count < 0);

/** Why a tick with requests says nothing of latency although ticks were to. */
export type LatencySilence = 'latency buckets unknown' | 'all answers beyond the last latency bound';

const hasRequests = (buckets: readonly number[] | undefined): boolean => (buckets ?? []).some((count) => count > 0);

/**
 * What is missing of the histograms of a tick with requests on both sides. A canary alone beyond the last bound is slow; where
 * the control is there too, the bounds are no measure.
 */
export function latencySilenceOf(canary: ArmTick, control: ArmTick): LatencySilence | undefined {
  if (canary.n === 0 || control.n === 0) return undefined;
  if (!hasRequests(canary.buckets) || !hasRequests(control.buckets)) return 'latency buckets unknown';
  return hasRequests(control.buckets?.slice(0, -1)) ? undefined : 'all answers beyond the last latency bound';
}

/** What is missing of a tick, worst first; undefined where both sides can be compared. */
export function silenceOf(tick: StreamTick, lastS: number): Silence | undefined {
  if (!(tick.t > lastS)) return 'stale';
  const arms = [tick.canary, tick.baseline, tick.stable].filter(present);
  if (arms.length === 0) return 'nothing was read';
  if (arms.some(isReset)) return 'counter reset';
  if (!arms.every(isSound)) return 'not a number';
  if (!present(tick.canary)) return 'canary absent';
  const control = arms.slice(1);
  if (control.length === 0) return 'control absent';
  if (tick.canary.n > 0) return undefined;
  return control.some(({ n }) => n > 0) ? 'no requests to the canary' : 'no requests at all';
}
