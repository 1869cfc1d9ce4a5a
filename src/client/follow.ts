import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchView } from '../core/analysis/types';
import type { ReleaseReport } from '../core/release/report';
import type { ReleaseState } from '../core/release/state';
import { ClientError } from './client-error';
import { createQueries } from './queries';
import { waitForReport } from './result';
import type { Temporal } from './temporal';
import { readView } from './watch-view';

/** What is seen of a release at one moment. */
export type Sight =
  | { readonly kind: 'state'; readonly state: ReleaseState; readonly view?: WatchView }
  /** Nobody answers for now; the release goes on as soon as somebody does. */
  | { readonly kind: 'silence'; readonly reason: string }
  /** It ended, and its report is all there is to see. */
  | { readonly kind: 'report'; readonly report: ReleaseReport };

export type FollowOptions = {
  /** Follows this run and no later one of the same service. */
  readonly firstRunId?: string | undefined;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
};

const passing = ['no-worker', 'timed-out', 'unreachable'];

async function look(temporal: Temporal, workflowId: string): Promise<Sight> {
  const { state } = createQueries(temporal);
  try {
    const now = await state(workflowId);
    const view = now.endedAtMs === undefined ? await readView(temporal, workflowId) : undefined;
    return { kind: 'state', state: now, ...(view === undefined ? {} : { view }) };
  } catch (error) {
    if (!(error instanceof ClientError) || !passing.includes(error.code)) throw error;
    return { kind: 'silence', reason: error.message };
  }
}

async function endedReport(
  temporal: Temporal,
  workflowId: string,
  firstRunId?: string,
): Promise<ReleaseReport | undefined> {
  try {
    return await waitForReport(temporal, workflowId, { firstRunId, timeoutMs: 500 });
  } catch (error) {
    if (error instanceof ClientError && passing.includes(error.code)) return undefined;
    throw error;
  }
}

/** Looks at a release until it ends, one sight after the other; the last one shows the end. */
export async function* followRelease(
  temporal: Temporal,
  workflowId: string,
  { firstRunId, everyMs = 500, signal }: FollowOptions = {},
): AsyncGenerator<Sight, void, void> {
  let followed = firstRunId;
  while (signal?.aborted !== true) {
    let sight = await look(temporal, workflowId);
    if (sight.kind === 'state') {
      const seen = sight.state.sealed?.seal.firstRunId;
      followed ??= seen;
      const isOther = seen !== undefined && followed !== undefined && seen !== followed;
      if (isOther)
        sight = { kind: 'report', report: await waitForReport(temporal, workflowId, { firstRunId: followed }) };
    } else {
      const report = await endedReport(temporal, workflowId, followed);
      if (report !== undefined) sight = { kind: 'report', report };
    }
    yield sight;
    if (sight.kind === 'report' || (sight.kind === 'state' && sight.state.endedAtMs !== undefined)) return;
    await sleep(everyMs, undefined, { ...(signal === undefined ? {} : { signal }) }).catch(() => undefined);
  }
}
