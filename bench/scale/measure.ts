import type { Outcome } from '../outcome';

export type ScaleOptions = {
  /** Open releases with users exposed at which breaches are measured, smallest first. */
  readonly exposed: readonly number[];
  /** Open releases with users exposed that one worker holds, then two. */
  readonly shared: number;
  /** Open releases that wait without any user exposed. */
  readonly waiting: number;
  /** Releases of each kind that are counted in a round of the throughput. */
  readonly releases: number;
  readonly say: (line: string) => void;
};

/** One measure of many releases. It starts what it needs and leaves nothing behind. */
export type Measure = { readonly name: string; run(options: ScaleOptions): Promise<Outcome> };
