import type { Compensation } from '../plan/effects';
import { without } from '../without';
import { clause } from './clause';
import type { ReleaseEvent } from './events';
import type { Proof } from './proof';
import { requiredBy } from './rollback-order';
import type { CompensationState, ReleaseState } from './state';

type Chosen = Extract<ReleaseEvent, { type: 'data-chosen' }>;
type Compensations = ReleaseState['compensations'];

const isOpen = (found: CompensationState | undefined): found is CompensationState =>
  found !== undefined && found.status !== 'verified' && found.status !== 'waived';

/** Undos that would lose data and wait for a choice; only `effect` when it is named. */
export const keysAtRisk = (
  { compensations }: Pick<ReleaseState, 'compensations'>,
  effect?: string,
): readonly string[] =>
  Object.entries(compensations)
    .filter(([key, found]) => found.status === 'stuck' && found.cause !== undefined && (effect ?? key) === key)
    .map(([key]) => key);

/**
 * What a choice makes of the undos: keeping one form keeps all that it stands on, or the next undo would take the rows
 * away after all; a loss that is taken is taken for the whole migration.
 */
export function withChoice(compensations: Compensations, plan: readonly Compensation[], event: Chosen): Compensations {
  const { effect, choice, by, why } = event;
  const found = compensations[effect];
  if (!isOpen(found)) return compensations;
  const behind = requiredBy(plan, effect).filter((key) => isOpen(compensations[key]));
  const change = (keys: readonly string[], to: (state: CompensationState) => CompensationState): Compensations => ({
    ...compensations,
    ...Object.fromEntries(keys.map((key) => [key, to(compensations[key] ?? { status: 'pending' })] as const)),
  });
  const { by: who, why: reason } = { by, why };
  switch (choice) {
    case 'retry':
      return change([effect], (state) => ({ ...without(state, 'cause'), status: 'pending', onlyVerify: false }));
    case 'keep':
      return change([effect, ...behind], (state) => ({
        ...without(state, 'cause'),
        status: 'waived',
        detail: `kept by ${who}: ${clause(reason)}`,
        kept: { by, why },
      }));
    case 'lose': {
      const rows = found.rowsAtRisk;
      const lose = { by, why, ...(rows === undefined ? {} : { rows }) };
      const migration = effect.slice(0, effect.lastIndexOf('/') + 1);
      const lost = change(
        behind.filter((key) => key.startsWith(migration)),
        (state) => ({ ...state, lose }),
      );
      return {
        ...lost,
        [effect]: { ...without(found, 'cause'), status: 'pending', onlyVerify: false, lose },
      };
    }
  }
}

/**
 * Who answers for a proof that holds but for what was kept by choice; undefined when something else differs, or nothing
 * was kept.
 */
export function keptByChoice(
  { compensations, sealed }: ReleaseState,
  { lines }: Proof,
): { readonly by: string; readonly why: string } | undefined {
  const kept = Object.entries(compensations).flatMap(([effect, { kept: choice }]) =>
    choice === undefined ? [] : [{ effect, choice }],
  );
  const targets = new Set(
    (sealed?.plan.effects ?? []).flatMap(({ key, target }) =>
      kept.some(({ effect }) => effect === key) ? [target] : [],
    ),
  );
  const different = lines.filter(({ isEqual }) => !isEqual);
  const isKept = ({ object }: { readonly object: string }): boolean =>
    [...targets].some((target) => object.startsWith(`schema ${target}: `));
  return different.every(isKept) ? kept[0]?.choice : undefined;
}
