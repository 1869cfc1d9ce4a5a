import { partOf, withPart } from '../../core/release/contract-state';
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
    let atRisk: string | undefined;
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

type Done = { readonly detail: string; readonly atRisk?: undefined } | { readonly atRisk: string };

async function putPartBack(
  { sealed, permit, activities, state }: Contract,
  part: Contract['sealed']['contract'][number],
): Promise<Done> {
  const { effect } = part;
  const options = { summary: `put back ${effect.key}` };
  const migration = effect.kind === 'migrate' ? effect.migration : '';
  const rules = (sealed.plan.reconcile ?? []).filter((rule) => rule.migration === migration);
  const { lose } = safetyOf(state());
  const input = { permit, sealed: part, rules, ...(lose === undefined ? {} : { lose }) };
  try {
    return { detail: await activities.effects.putOldFormBack.executeWithOptions(options, [input]) };
  } catch (error) {
    const { code, message } = causeOf(error);
    if (isActivityFault(error) && code === 'UndoWouldLoseData') return { atRisk: message };
    throw error;
  }
}

/** Asked again by itself too: whoever mends the rows need not say so. */
const waitForChoice = (contract: Contract, why: string): Promise<Next> =>
  hold(contract, {
    phase: 'WaitingForDataChoice',
    why,
    againInMs: safetyOf(contract.state()).rule.checkEveryMs,
    tell: 'incomplete',
    summary: 'until somebody chooses about the data',
  });
