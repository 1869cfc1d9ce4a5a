import type { DriftWatch } from './drift-watch';
import type { Publisher } from './publisher';
import type { Run } from './run';
import type { Watch } from './watch';

/** What every step of a release works with. */
export type Parts = {
  readonly run: Run;
  readonly watch: Watch;
  readonly drift: DriftWatch;
  readonly publisher: Publisher;
  /** False in a run that a reset made, until it has learnt what became of the release. */
  readonly isReleaseKnown: () => boolean;
};
