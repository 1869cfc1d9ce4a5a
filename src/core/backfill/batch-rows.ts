import type { KeyRule, ThrottleRule } from './rule';

/** Below this part of the time allowed, a batch may be twice as large. */
const roomShare = 0.5;
/** A batch that was cut off by the time-out says only that it was far too large. */
const cutOffFactor = 10;

/** How many rows the batch after one of `rows` takes, that needed `tookMs`. */
export function nextRows(
  rows: number,
  tookMs: number,
  { key, throttle }: { readonly key: Pick<KeyRule, 'rows'>; readonly throttle: Pick<ThrottleRule, 'statementMs'> },
): number {
  if (tookMs > throttle.statementMs) return Math.max(1, Math.floor(rows / 2));
  return tookMs < roomShare * throttle.statementMs ? Math.min(key.rows, rows * 2) : rows;
}

/** How many rows to try after a batch of `rows` ran out of time; undefined when it cannot be smaller. */
export const rowsAfterTimeout = (rows: number): number | undefined =>
  rows === 1 ? undefined : Math.max(1, Math.floor(rows / cutOffFactor));

/** A stretch of rows right after the cursor that holds one which fails. */
export type Suspects = { readonly rows: number };

/** How many of the suspects to try next: half, so that one of a million is found in twenty tries. */
export const suspectsToTry = ({ rows }: Suspects): number => Math.max(1, Math.floor(rows / 2));

/** What is left to suspect after `tried` rows failed or went well; undefined when none is. */
export function narrow({ rows }: Suspects, tried: number, hasFailed: boolean): Suspects | undefined {
  const left = hasFailed ? tried : rows - tried;
  return left <= 0 ? undefined : { rows: left };
}
