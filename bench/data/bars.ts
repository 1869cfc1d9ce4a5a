import type { Row } from '../outcome';
import type { DataOptions } from './measure';

/** What a figure has to reach. */
type Bar = {
  readonly figure: string;
  readonly what: string;
  readonly unit: string;
  readonly most?: number;
  readonly least?: number;
  /** Needs a program that a machine may lack: then it says so, and is neither met nor missed. */
  readonly isOptional?: boolean;
};

/** How many rows a bar is about. */
const wholeRows = 1_000_000;

/** How many random moments. */
const wholeMoments = 100;

/** All bars, by measure: a figure that is missing is a bar missed. */
const bars: { readonly [measure: string]: readonly Bar[] } = {
  backfill: [
    { figure: 'rowsPerSecond', what: 'backfill, two-way triggers on, fsync on', unit: 'rows/s', least: 150_000 },
    {
      figure: 'timesPgroll',
      what: 'as fast as pgroll on the same table, in the same run',
      unit: '×',
      least: 3,
      isOptional: true,
    },
  ],
  kill: [
    { figure: 'redoneMost', what: 'batches done again after a kill -9, at most', unit: 'batches', most: 1 },
    { figure: 'rowsOffMark', what: 'rows left unfilled or filled twice', unit: '', most: 0 },
    { figure: 'kills', what: 'kills', unit: '', least: 5 },
  ],
  'type-change': [
    { figure: 'wrongRows', what: 'lost or doubled writes of old and new code, row by row', unit: '', most: 0 },
    { figure: 'timesP99', what: 'write p99 beside that without migration', unit: '×', most: 2 },
  ],
  rollback: [
    { figure: 'rollbackMs', what: 'traffic, code and schema back, with proof', unit: 'ms', most: 10_000 },
    { figure: 'lostRows', what: 'of 10,000 rows written since full exposure lost', unit: '', most: 0 },
    { figure: 'isProved', what: 'proofs that all is as before', unit: '', least: 1 },
  ],
  kills: [
    {
      figure: 'moments',
      what: 'worker or database killed at random moments of expand … contract and of rollback',
      unit: 'cases',
      least: wholeMoments,
    },
    {
      figure: 'casesBroken',
      what: 'cases that left a schema in between, lost a row, left something behind or got stuck',
      unit: '',
      most: 0,
    },
  ],
};

/** Whether a measure ran over as many rows, or at as many moments, as its bars ask. */
export const isWhole = (
  measure: string,
  { rows, runs, cases }: Pick<DataOptions, 'rows' | 'runs' | 'cases'>,
): boolean => (measure === 'kills' ? runs >= wholeMoments && cases.length === 0 : rows >= wholeRows);

const shown = (value: number | undefined, unit: string): string => {
  if (value === undefined) return 'not measured';
  const digits = Math.abs(value) < 10 ? 2 : 0;
  return `${value.toLocaleString('en-US', { maximumFractionDigits: digits })} ${unit}`.trim();
};

/** Holds one measure's figures against its bars, one line of the table a bar. */
export const judge = (measure: string, figures: { readonly [figure: string]: number }): readonly Row[] =>
  (bars[measure] ?? []).map(({ figure, what, unit, most = Infinity, least = -Infinity, isOptional = false }) => {
    const value = figures[figure];
    return {
      what,
      measured: shown(value, unit),
      bar: most < Infinity ? `≤ ${shown(most, unit)}` : `≥ ${shown(least, unit)}`,
      // Not a number is no answer, so it is compared in the way that makes it miss.
      isMet: value === undefined ? isOptional : value <= most && value >= least,
      ...(value === undefined && isOptional ? { isSkipped: true } : {}),
    };
  });
