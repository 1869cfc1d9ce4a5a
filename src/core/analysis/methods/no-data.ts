import type { ArmTick, StreamTick } from '../stream';

/** Why a tick says nothing, in words that tell the cases apart. */
export type Silence =
  'canary absent' | 'control absent' | 'not a number' | 'stale' | 'no requests to the canary' | 'no requests at all';

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

/** What is missing of a tick, worst first; undefined where both sides can be compared. */
export function silenceOf(tick: StreamTick, lastS: number): Silence | undefined {
  if (!(tick.t > lastS)) return 'stale';
  const arms = [tick.canary, tick.baseline, tick.stable].filter(present);
  if (!arms.every(isSound)) return 'not a number';
  if (!present(tick.canary)) return 'canary absent';
  const control = arms.slice(1);
  if (control.length === 0) return 'control absent';
  if (tick.canary.n > 0) return undefined;
  return control.some(({ n }) => n > 0) ? 'no requests to the canary' : 'no requests at all';
}
