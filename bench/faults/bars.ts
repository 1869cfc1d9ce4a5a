import type { Row } from '../outcome';

/** What a figure has to reach. */
export type Bar = {
  readonly figure: string;
  readonly what: string;
  readonly unit: string;
  readonly most?: number;
  readonly least?: number;
};

/** All bars, by measure: a figure that is missing is a bar missed. */
export const bars: { readonly [measure: string]: readonly Bar[] } = {
  'kill-points': [
    { figure: 'invariantsBroken', what: 'invariants broken, all kill points and endings', unit: '', most: 0 },
    { figure: 'cases', what: 'cases played', unit: '', least: 500 },
  ],
  restart: [
    { figure: 'after3sP95Ms', what: 'killed at a breach, spawned 3 s later → weight 0, p95', unit: 'ms', most: 1_200 },
    {
      figure: 'after10sP95Ms',
      what: 'killed at a breach, spawned 10 s later → weight 0, p95',
      unit: 'ms',
      most: 1_200,
    },
    { figure: 'runs', what: 'runs of each', unit: '', least: 10 },
  ],
  'second-worker': [
    {
      figure: 'p95Ms',
      what: 'killed at a breach, a second worker alive → weight 0, p95 after the kill',
      unit: 'ms',
      most: 1_800,
    },
    { figure: 'runs', what: 'runs', unit: '', least: 10 },
  ],
  'engine-dead': [
    {
      figure: 'beyondLeaseMaxMs',
      what: 'engine dead, frozen, terminated or without Temporal → safe weight, longest beyond the lease',
      unit: 'ms',
      most: 1_000,
    },
    { figure: 'runs', what: 'runs', unit: '', least: 50 },
  ],
  'store-down': [
    { figure: 'weightZeroMaxMs', what: 'store down at a breach → weight 0, longest', unit: 'ms', most: 1_000 },
    { figure: 'notRolledBack', what: 'not RolledBack after the store returned', unit: '', most: 0 },
    { figure: 'runs', what: 'runs', unit: '', least: 10 },
  ],
  zombie: [
    { figure: 'canaryRequests', what: 'canary requests after a zombie worker woke', unit: '', most: 0 },
    {
      figure: 'lateWrites',
      what: 'woken workers whose late write was seen at the proxy',
      unit: '',
      least: 5,
    },
    { figure: 'repairedMaxMs', what: 'what a zombie wrote → repaired, longest', unit: 'ms', most: 2_000 },
  ],
  flood: [
    { figure: 'abortHonouredMs', what: 'abort behind a flood of signals → honoured', unit: 'ms', most: 5_000 },
    { figure: 'signals', what: 'signals of the flood', unit: '', least: 20_000 },
  ],
  interleavings: [
    { figure: 'interleavings', what: 'interleavings of the core model', unit: '', least: 50_000 },
    { figure: 'broken', what: 'interleavings that broke a property', unit: '', most: 0 },
  ],
};

/** Whether a measure ran as often as its bars ask. */
export const isWhole = (measure: string, figures: { readonly [figure: string]: number }): boolean =>
  (bars[measure] ?? []).every(({ figure, least = -Infinity }) => (figures[figure] ?? 0) >= least);

const shown = (value: number | undefined, unit: string): string =>
  value === undefined ? 'not measured' : `${Math.round(value * 10) / 10} ${unit}`.trim();

/** Holds one measure's figures against its bars, one line of the table a bar. */
export const judge = (measure: string, figures: { readonly [figure: string]: number }): readonly Row[] =>
  (bars[measure] ?? []).map(({ figure, what, unit, most = Infinity, least = -Infinity }) => {
    const value = figures[figure];
    return {
      what,
      measured: shown(value, unit),
      bar: most < Infinity ? `≤ ${shown(most, unit)}` : `≥ ${shown(least, unit)}`,
      // Not a number is no answer, so it is compared in the way that makes it miss.
      isMet: value !== undefined && value <= most && value >= least,
    };
  });
