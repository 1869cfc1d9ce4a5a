import { partOf, withPart } from '../../core/release/contract-state';
import { dataAtRisk } from '../data-at-risk';
import { causeOf, isActivityFault } from '../faults';
import { decline, hold, safetyOf, type Contract, type Next } from './contract';
import { untilDone } from './until-done';

/** Gives every name back; rows that would have no old form then are put to people first, as by an undo. */
export async function putBack(contract: Contract): Promise<Next> {
  const { sealed, state, change } = contract;
  for (const part of [...sealed.contract].reverse()) {
    const { key } = part.effect;
    const { isRenamed, status } = partOf(state(), key);
    // What was cut off in its rename may have got through.
    if (isRenamed !== true && status === 'waiting') continue;
    let atRisk: AtRisk | undefined;
    const work = async (): Promise<void> => {
      const done = await putPartBack(contract, part);
      atRisk = done.atRisk;
      if (done.atRisk === undefined)
        change(withPart(state(), key, { status: 'waiting', isRenamed: false, detail: done.detail }));
    };
    const next = await untilDone(contract, key, 'Renamed', { work });
    if (next === 'continue') return next;
    if (atRisk !== undefined) return waitForChoice(contract, atRisk);
  }
  return decline(contract);
}

type AtRisk = { readonly why: string; readonly effect: string; readonly rows?: number };
type Done = { readonly detail: string; readonly atRisk?: undefined } | { readonly atRisk: AtRisk };

async function putPartBack(
  { sealed, permit, activities, state }: Contract,
  part: Contract['sealed']['contract'][number],
): Promise<Done> {
  const { effect } = part;
  const options = { summary: `put back ${effect.key}` };
  const migration = effect.kind === 'migrate' ? effect.migration : '';
  const rules = (sealed.plan.reconcile ?? []).filter((rule) => rule.migration === migration);
  const { lose } = safetyOf(state());
  // A choice is about the rows of the part that was shown.
  const isMeant = lose !== undefined && (lose.effect ?? effect.key) === effect.key;
  const input = { permit, sealed: part, rules, ...(isMeant ? { lose } : {}) };
  try {
    return { detail: await activities.effects.putOldFormBack.executeWithOptions(options, [input]) };
  } catch (error) {
    const cause = causeOf(error);
    const risk = isActivityFault(error) ? dataAtRisk(cause) : undefined;
    if (risk === undefined) throw error;
    const { rows } = risk;
    return { atRisk: { why: cause.message, effect: effect.key, ...(rows === undefined ? {} : { rows }) } };
  }
}

/** Asked again by itself too: whoever mends the rows need not say so. */
function waitForChoice(contract: Contract, { why, ...atRisk }: AtRisk): Promise<Next> {
  const { rule, lose, atRisk: asked } = safetyOf(contract.state());
  return hold(contract, {
    phase: 'WaitingForDataChoice',
    why,
    againInMs: rule.checkEveryMs,
    tell: 'incomplete',
    summary: 'until somebody chooses about the data',
    atRisk,
    // Whoever has answered must learn that it is another question now.
    isNews: lose?.rows !== undefined && lose.effect === asked?.effect && lose.rows === asked?.rows,
  });
}
