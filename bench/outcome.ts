export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One line of the table: what was measured, and the bar it has to reach where there is one. */
export type Row = {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  readonly isMet: boolean;
  /** Whether it could not be measured here: neither met nor missed. */
  readonly isSkipped?: boolean;
};

/** What one measure found. `isWhole`: it ran as often as its bar asks. */
export type Outcome = {
  readonly figures: { readonly [name: string]: Json };
  readonly rows: readonly Row[];
  readonly isWhole: boolean;
};

/** Bars that were missed, each in one line. */
export const missedOf = (outcomes: { readonly [measure: string]: Outcome }): readonly string[] =>
  Object.entries(outcomes).flatMap(([measure, { rows }]) =>
    rows.filter(({ isMet }) => !isMet).map(({ what, measured, bar }) => `${measure}: ${what}: ${measured}, bar ${bar}`),
  );
