import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseReport } from '../core/release/report';
import type { ReleaseState } from '../core/release/state';
import { ClientError } from './client-error';
import { createReads, type Reads } from './reads';
import { readReport, waitForReport } from './result';
import { readSight, type StateSight } from './sight';
import type { Temporal } from './temporal';

/** What is seen of a release at one moment. */
export type Sight =
  | ({ readonly kind: 'state' } & StateSight)
  /** Temporal does not answer for now. */
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

async function look(temporal: Temporal, reads: Reads, workflowId: string): Promise<Sight> {
  try {
    return { kind: 'state', ...(await readSight(temporal, reads, workflowId)) };
  } catch (error) {
    if (!(error instanceof ClientError) || !passing.includes(error.code)) throw error;
    return { kind: 'silence', reason: error.message };
  }
}

/** The run that is followed, until the signal says to stop. */
type Followed = { readonly firstRunId: string | undefined; readonly signal: AbortSignal };

async function endedReport(
  temporal: Temporal,
  workflowId: string,
  followed: Followed,
): Promise<ReleaseReport | undefined> {
  try {
    return await readReport(temporal, workflowId, followed);
  } catch (error) {
    if (error instanceof ClientError && passing.includes(error.code)) return undefined;
    throw error;
  }
}

/** The run that is seen began with this one: a recovery shows a release that began with another. */
const chainOf = ({ grant, sealed }: ReleaseState): string | undefined => grant?.firstRunId ?? sealed?.seal.firstRunId;

/** One sight of the followed run; what another run of the same service does is not shown. */
async function lookAt(temporal: Temporal, reads: Reads, workflowId: string, followed: Followed): Promise<Sight> {
  const sight = await look(temporal, reads, workflowId);
  if (sight.kind !== 'state') {
    const report = await endedReport(temporal, workflowId, followed);
    return report === undefined ? sight : { kind: 'report', report };
  }
  const seen = chainOf(sight.state);
  if (seen === undefined || followed.firstRunId === undefined || seen === followed.firstRunId) return sight;
  return { kind: 'report', report: await waitForReport(temporal, workflowId, followed) };
}

/** Calls that end when the signal does. Each look has a signal of its own: the SDK never takes its listeners away. */
async function cutBy<T>(signal: AbortSignal, { client }: Temporal, look: () => Promise<T>): Promise<T> {
  const cut = new AbortController();
  const pass = (): void => cut.abort();
  signal.addEventListener('abort', pass, { once: true });
  try {
    return await client.withAbortSignal(cut.signal, look);
  } finally {
    signal.removeEventListener('abort', pass);
  }
}

const isEnd = (sight: Sight): boolean =>
  sight.kind === 'report' || (sight.kind === 'state' && sight.state.endedAtMs !== undefined);

/** Looks at a release until it ends, one sight after the other; the last one shows the end. */
export async function* followRelease(
  temporal: Temporal,
  workflowId: string,
  { firstRunId, everyMs = 500, signal = new AbortController().signal }: FollowOptions = {},
): AsyncGenerator<Sight, void, void> {
  const reads = createReads(temporal);
  let followed = firstRunId;
  while (!signal.aborted) {
    let sight: Sight;
    try {
      sight = await cutBy(signal, temporal, () =>
        lookAt(temporal, reads, workflowId, { firstRunId: followed, signal }),
      );
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    // A call that the signal cut off looks like silence.
    if (signal.aborted && sight.kind === 'silence') return;
    if (sight.kind === 'state') followed ??= chainOf(sight.state);
    yield sight;
    if (isEnd(sight)) return;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
