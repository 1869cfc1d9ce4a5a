import type { Json, Row } from '../../outcome';
import type { Cells } from '../cells';

/** One measure of decisions. */
export type Measure = {
  readonly name: string;
  run(cells: Cells): Promise<{ readonly figures: { readonly [name: string]: Json }; readonly rows: readonly Row[] }>;
};

/** A line beside the others that has no bar of its own. */
export const shown = (what: string, measured: string): Row => ({ what, measured, bar: '–', isMet: true });

export const percent = (share: number): string =>
  `${(100 * share).toFixed(share > 0 && share < 0.1 ? 2 : share < 1 ? 1 : 0)} %`;

export const minutes = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return 'never';
  if (seconds >= 60) return `${Number((seconds / 60).toPrecision(3))} min`;
  return `${Number(seconds.toPrecision(3))} s`;
};

/** JSON has no infinity: what was never found is null. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(5)) : null);

/** How many of `streams` a bar of `share` allows; a smoke run allows one, or chance alone would miss it. */
export const allowed = (share: number, streams: number): number => Math.max(1, Math.floor(share * streams + 1e-9));
