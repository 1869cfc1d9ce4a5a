import { judgeQuiet } from '../../core/contract/quiet';
import { describeAll } from '../../core/release/reconciliation';
import { causeOf, isActivityFault } from '../faults';
import { safetyOf, type Contract } from './contract';

/** What every part's last look says together; undefined when nobody needs the old form. */
export async function findBlockers(
  contract: Contract,
  onFault: 'told' | 'thrown',
): Promise<{ readonly why: string; readonly againInMs: number } | undefined> {
  const { sealed, permit, activities, state, change } = contract;
  const blockers: { readonly why: string; readonly againInMs: number }[] = [];
  for (const part of sealed.contract) {
    const { key } = part.effect;
    const rule = safetyOf(state()).rule;
    try {
      const options = { summary: `who needs ${key}` };
      // Who used a login is known by comparing two looks; a schema keeps its own account.
      const before = part.effect.kind === 'revoke' ? safetyOf(state()).found[key] : undefined;
      const input = { permit, sealed: part, ...(before === undefined ? {} : { before }) };
      const report = await activities.effects.findReaders.executeWithOptions(options, [input]);
      const safety = safetyOf(state());
      change({ ...state(), safety: { ...safety, found: { ...safety.found, [key]: report } } });
      const verdict = judgeQuiet(report, rule, safety.waiver !== undefined);
      if (!verdict.isQuiet)
        blockers.push({ why: `${report.removes.join(', ')}: ${verdict.why}`, againInMs: verdict.againInMs });
    } catch (error) {
      if (onFault === 'thrown' || !isActivityFault(error)) throw error;
      blockers.push({ why: `it cannot be looked at: ${causeOf(error).message}`, againInMs: rule.checkEveryMs });
    }
  }
  if (blockers.length === 0) return undefined;
  return {
    why: blockers.map(({ why }) => why).join('; '),
    againInMs: Math.min(...blockers.map(({ againInMs }) => againInMs)),
  };
}

/** Why the two forms of the data forbid to remove one of them; undefined when they agree, or nothing is compared. */
export async function findDifference({
  sealed,
  permit,
  activities,
  state,
  change,
}: Contract): Promise<string | undefined> {
  const rules = sealed.plan.reconcile ?? [];
  if (rules.length === 0) return undefined;
  const options = { summary: 'compare old and new form' };
  const reconciled = await activities.effects.reconcileData.executeWithOptions(options, [{ permit, rules }]);
  change({ ...state(), safety: { ...safetyOf(state()), reconciled } });
  return reconciled.some(({ differing }) => differing > 0)
    ? `old and new form of the data do not agree: ${describeAll(reconciled)}`
    : undefined;
}
