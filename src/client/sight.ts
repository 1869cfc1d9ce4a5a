import type { WatchView } from '../core/analysis/types';
import type { DataProgress } from '../core/backfill/progress';
import type { ReleaseState } from '../core/release/state';
import { progressIn } from './data-progress';
import type { Reads } from './reads';
import { whyRetried } from './retried';
import { whyStanding } from './standing';
import type { Temporal } from './temporal';
import { viewIn } from './watch-view';

/** A release at one moment. */
export type StateSight = {
  readonly state: ReleaseState;
  /** What the running watch last told. */
  readonly view?: WatchView;
  /** How far a backfill or the build of an index is, while one runs. */
  readonly progress?: DataProgress;
  /** Why it does not go on for now: nobody runs it, or a target is away or slow. It goes on as soon as somebody does, or the target is back. */
  readonly standing?: string;
};

/** Everything that is to be seen of a release; needs no worker. */
export async function readSight(temporal: Temporal, reads: Reads, workflowId: string): Promise<StateSight> {
  const { state, found } = await reads.look(workflowId);
  const view = state.endedAtMs === undefined ? await viewIn(temporal, found) : undefined;
  const progress = state.endedAtMs === undefined ? await progressIn(temporal, found) : undefined;
  const standing = (await whyStanding(temporal, found)) ?? whyRetried(found);
  return {
    state,
    ...(view === undefined ? {} : { view }),
    ...(progress === undefined ? {} : { progress }),
    ...(standing === undefined ? {} : { standing }),
  };
}
