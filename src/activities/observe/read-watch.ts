import type { Ports } from '../ports';
import type { WatchState } from './watch-state';
import { isWatchHeartbeat } from './heartbeat';

export type ReadWatchInput = { readonly workflowId: string; readonly runId: string };

/** Where the running watch is, as its last heartbeat said: what the next run of the workflow goes on from. */
export const createReadWatchActivities = (ports: Ports) => ({
  readWatch: async ({ workflowId, runId }: ReadWatchInput): Promise<WatchState | null> => {
    const details = await ports.lastHeartbeat(workflowId, runId, 'observe');
    return isWatchHeartbeat(details) ? details.state : null;
  },
});
