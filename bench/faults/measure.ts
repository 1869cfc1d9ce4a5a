export type FaultOptions = {
  /** Everything random is drawn from it. */
  readonly seed: number;
  /** How many cases of the kill matrix run; its bar asks for 500. */
  readonly cases: number;
  /** The first of them to run: a run that was interrupted goes on. */
  readonly from: number;
  /** How many cases are drawn at random beside the matrix. */
  readonly random: number;
  /** How often measures of a latency run; undefined leaves it to each, as often as its bar asks. */
  readonly runs: number | undefined;
  readonly say: (line: string) => void;
};

/** What a measure found: figures that bars are held against, and lines `[what, measured]` to show beside them. */
export type Found = { readonly figures: Record<string, number>; readonly rows: string[][] };

/** One measure under faults. It starts what it needs and leaves nothing behind. */
export type Measure = { readonly name: string; run(options: FaultOptions): Promise<Found> };
