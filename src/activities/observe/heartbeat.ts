import type { WatchView } from '../../core/analysis/types';
import type { WatchState } from './watch-state';

/** What every heartbeat of a watch carries; below 64 KB. */
export type WatchHeartbeat = { readonly state: WatchState; readonly view: WatchView };

export const isWatchHeartbeat = (details: unknown): details is WatchHeartbeat =>
  typeof details === 'object' && details !== null && 'state' in details && 'view' in details;
