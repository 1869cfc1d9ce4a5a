import type { StuckCause } from '../core/release/events';
import type { Cause } from './faults';

/** Why an undo waits for a choice, and how many rows it is about where that was told. */
export type DataAtRisk = { readonly cause: StuckCause; readonly rows?: number };

/** Undefined for every fault that needs no choice. */
export function dataAtRisk({ code, detail }: Cause): DataAtRisk | undefined {
  if (code !== 'UndoWouldLoseData') return undefined;
  const cause = 'undo-would-lose-data';
  const rows = typeof detail === 'object' && detail !== null && 'rows' in detail ? detail.rows : undefined;
  return typeof rows === 'number' ? { cause, rows } : { cause };
}
