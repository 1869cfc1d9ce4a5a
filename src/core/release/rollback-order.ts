import type { Compensation } from '../plan/effects';

/** How far one compensation is. `not-needed`: its effect never happened. */
export type CompensationStatus = 'pending' | 'running' | 'verified' | 'stuck' | 'waived' | 'not-needed';

/** Where each compensation of the journal is, by effect key; a key that is absent was never intended. */
export type RollbackStatus = { readonly [effectKey: string]: CompensationStatus };

/** Keys of the compensations that may run now, in the plan's order. A stuck one holds back only what requires it. */
export function nextCompensations(plan: readonly Compensation[], status: RollbackStatus): readonly string[] {
  return plan
    .map((compensation) => compensation.effectKey)
    .filter((key) => statusOf(status, key) === 'pending' && blockedBy(plan, status, key).length === 0);
}

/** What was closed while the way forward was still under way, and so is closed once more; `all` until that is over. */
export type CloseAgain = 'all' | readonly string[];

/** How far the way back is, apart from its compensations. */
export type UndoSituation = {
  /** Whether nothing of the way forward is under way any more. */
  readonly isForwardOver: boolean;
  readonly closeAgain: CloseAgain;
  /** Whether users are led back step by step: that begins when nothing can raise their share any more. */
  readonly isDraining?: boolean;
  /** Whether nothing begins before every first closing has come back, as in runs of an earlier version. */
  readonly waitsForAll?: boolean;
};

/** Requires nothing, and no user notices how long the way forward takes to end: traffic and kill switches. */
const isFirst = (plan: readonly Compensation[], key: string): boolean =>
  plan.find(({ effectKey }) => effectKey === key)?.requires.length === 0 &&
  !key.startsWith('deploy/') &&
  !key.startsWith('migrate/');

/**
 * The compensations to begin now. What was under way when the release turned back may have written after a first closing: so
 * once it is over, what was closed first is closed again, before anything that requires it. A closing that hangs, as where a
 * flag provider does not answer, holds up no other.
 */
export function undoNow(
  plan: readonly Compensation[],
  status: RollbackStatus,
  { isForwardOver, closeAgain, isDraining = false, waitsForAll = false }: UndoSituation,
): { readonly begin: readonly string[]; readonly closeAgain: CloseAgain } {
  const firsts = plan.map(({ effectKey }) => effectKey).filter((key) => isFirst(plan, key));
  const isAt = (key: string, wanted: CompensationStatus): boolean => statusOf(status, key) === wanted;
  if (!isForwardOver)
    return {
      begin: nextCompensations(plan, status).filter(
        (key) => firsts.includes(key) && !(isDraining && key.startsWith('expose/')),
      ),
      closeAgain,
    };
  const due = closeAgain === 'all' ? firsts : closeAgain;
  const left = due.filter((key) => isAt(key, 'running'));
  if (waitsForAll && closeAgain === 'all' && left.length > 0) return { begin: [], closeAgain };
  const again = due.filter((key) => isAt(key, 'verified'));
  const closing = { ...status, ...Object.fromEntries(again.map((key) => [key, 'running'] as const)) };
  const isUnchanged = closeAgain !== 'all' && left.length === closeAgain.length;
  return { begin: [...again, ...nextCompensations(plan, closing)], closeAgain: isUnchanged ? closeAgain : left };
}

/** What `effectKey` still waits for: all it requires, directly or through others, that is in the journal and not done. */
export function blockedBy(plan: readonly Compensation[], status: RollbackStatus, effectKey: string): readonly string[] {
  const required = allRequired(plan, effectKey);
  return plan
    .map((compensation) => compensation.effectKey)
    .filter((key) => required.has(key) && statusOf(status, key) !== undefined && !isDone(statusOf(status, key)));
}

/** Whether nothing is left to undo: every compensation of the journal is verified, waived or not needed. */
export function isSettled(plan: readonly Compensation[], status: RollbackStatus): boolean {
  return plan.every(({ effectKey }) => {
    const its = statusOf(status, effectKey);
    return its === undefined || isDone(its);
  });
}

// The whole chain counts: a waiver of one link, or a link that never happened, must not let the schema go before the traffic.
function allRequired(plan: readonly Compensation[], effectKey: string): ReadonlySet<string> {
  const requiresOf = new Map(plan.map((compensation) => [compensation.effectKey, compensation.requires]));
  const found = new Set<string>();
  const open = [...(requiresOf.get(effectKey) ?? [])];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (found.has(key)) continue;
    found.add(key);
    open.push(...(requiresOf.get(key) ?? []));
  }
  return found;
}

/** What requires `effectKey`, directly or through others, in the plan's order. */
export const requiredBy = (plan: readonly Compensation[], effectKey: string): readonly string[] =>
  plan.map((compensation) => compensation.effectKey).filter((key) => allRequired(plan, key).has(effectKey));

function statusOf(status: RollbackStatus, key: string): CompensationStatus | undefined {
  return Object.hasOwn(status, key) ? status[key] : undefined;
}

function isDone(status: CompensationStatus | undefined): boolean {
  return status === 'verified' || status === 'waived' || status === 'not-needed';
}
