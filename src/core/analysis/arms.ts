import type { Pair } from './methods/dispersion';
import type { ArmTick } from './stream';

/** When a tick ended, and how long it was, in seconds. */
export type Time = { readonly atS: number; readonly lengthS: number };
/** All arms of a tick; one that was not seen has no requests. */
export type Arms = { readonly canary: ArmTick; readonly baseline: ArmTick; readonly stable: ArmTick };

export const noArm: ArmTick = { n: 0, err: 0 };

export const pairOf = (canary: ArmTick, control: ArmTick): Pair => ({
  canaryBad: canary.err,
  controlBad: control.err,
  canary: canary.n,
  control: control.n,
});

const addBuckets = (a: readonly number[] = [], b: readonly number[] = []): readonly number[] =>
  a.length === 0 ? b : a.map((count, i) => count + (b[i] ?? 0));

/** Both healthy arms as one. */
export const together = (a: ArmTick, b: ArmTick): ArmTick => ({
  n: a.n + b.n,
  err: a.err + b.err,
  buckets: addBuckets(a.buckets, b.buckets),
});
