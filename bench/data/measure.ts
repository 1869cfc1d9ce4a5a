export type DataOptions = {
  /** Rows of the table; bars are about 1,000,000. */
  readonly rows: number;
  /** How often a filling worker is killed. */
  readonly kills: number;
  /** At how many random moments of a release worker or database are killed. */
  readonly runs: number;
  /** The numbers of single cases of these, to play them again; all when empty. */
  readonly cases: readonly number[];
  /** Writes that users of the old and the new code make in a second, together. */
  readonly writesPerSecond: number;
  /** Everything random is drawn from it. */
  readonly seed: number;
  readonly say: (line: string) => void;
};

/** What a measure found: figures that bars are held against, and lines `[what, measured]` to show beside them. */
export type Found = { readonly figures: Record<string, number>; readonly rows: readonly (readonly [string, string])[] };

/** One measure of schema and data. It starts what it needs and leaves nothing behind. */
export type Measure = { readonly name: string; run(options: DataOptions): Promise<Found> };
