import type { RollbackMode } from '../plan/plan';
import type { Failure } from './events';
import type { ReleaseState } from './state';

/** Somebody decided, and no evidence speaks against the canary. */
const calm: ReadonlySet<string> = new Set(['Aborted', 'GateRejected', 'GateExpired', 'PauseExpired']);
/** Nobody can guard the users of the canary for long, or hold their share, so nobody may stay there. */
const unguarded: ReadonlySet<string> = new Set([
  'WatchFailed',
  'LeaseExpired',
  'Recovered',
  'Flooded',
  'SecondController',
]);

function wasExposed({ sealed, stages }: ReleaseState): boolean {
  const exposures = new Set(sealed?.plan.stages.flatMap(({ kind, id }) => (kind === 'expose' ? [id] : [])) ?? []);
  return stages.some(({ id, state }) => state !== 'waiting' && exposures.has(id));
}

/** How users go back when the release turns back for this reason. Where no user was, there is nothing to drain. */
export function rollbackModeOf(state: ReleaseState, { code, mode }: Failure): RollbackMode {
  const modes = state.sealed?.plan.rollbackModes;
  if (modes === undefined || unguarded.has(code) || !wasExposed(state)) return 'emergency';
  return calm.has(code) ? (mode ?? modes.onAbort) : modes.onBreach;
}

/** Whether users are still being led back step by step. */
export function isDraining({ wayBack, compensations, endedAtMs, sealed }: ReleaseState): boolean {
  if (wayBack?.mode !== 'drain' || endedAtMs !== undefined || sealed === undefined) return false;
  const status = compensations[`expose/${sealed.plan.service}`]?.status;
  return status !== undefined && status !== 'verified' && status !== 'waived';
}
