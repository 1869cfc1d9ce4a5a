import { condition, patched } from '@temporalio/workflow';
import { partOf, withPart } from '../../core/release/contract-state';
import { causeOf, isActivityFault } from '../faults';
import { hold, isUnwanted, safetyOf, to, type Contract, type Next } from './contract';
import { findBlockers, findDifference } from './find-blockers';
import { untilDone, verify } from './until-done';

export async function rename(contract: Contract): Promise<Next> {
  const { sealed, state, change } = contract;
  const [first] = sealed.contract;
  const isBegun = state().parts.some(({ isRenamed }) => isRenamed === true);
  if (isUnwanted(contract)) return takeBack(contract);
  if (first !== undefined && !isBegun) {
    let blocked: string | undefined;
    // A database that does not answer is no news of readers: the approval stands, and it is asked again.
    const work = async (): Promise<void> => {
      blocked = (await findBlockers(contract, 'thrown'))?.why ?? (await findDifference(contract));
    };
    const next = await untilDone(contract, first.effect.key, 'Contracting', { work, mayStop: true });
    if (next === 'continue') return next;
    if (isUnwanted(contract)) return takeBack(contract);
    if (blocked !== undefined) return backToQuiet(contract, blocked);
  }
  for (const part of sealed.contract) {
    const { key } = part.effect;
    const { isRenamed, status } = partOf(state(), key);
    if (isRenamed === true && status === 'running') continue;
    let open: string | undefined;
    const work = async (): Promise<void> => {
      open = await renameUnlessOpen(contract, part);
      if (open !== undefined) return;
      change(withPart(state(), key, { isRenamed: true }));
      await verify(contract, key);
    };
    const next = await untilDone(contract, key, 'Contracting', { work, mayStop: true });
    if (next === 'continue') return next;
    if (isUnwanted(contract)) return takeBack(contract);
    if (open !== undefined) {
      change(withPart(state(), key, { status: 'waiting' }));
      return waitForRelease(contract, open);
    }
  }
  const dropAtMs = Date.now() + safetyOf(state()).rule.renamedMs;
  change(to(state(), { phase: 'Renamed' }, { step: 'renamed', dropAtMs }));
  return 'go';
}

/** Somebody wants the old form back before any of it is gone. */
function takeBack({ state, change }: Contract): Next {
  // Stuck was what nobody wants any more; giving back begins at once.
  const parts = state().parts.map((part) => (part.status === 'stuck' ? { ...part, status: 'running' as const } : part));
  change(to(state(), { phase: 'Renamed', parts }, { step: 'put-back' }));
  return 'go';
}

/** Which release keeps it from renaming; undefined once it is renamed. */
async function renameUnlessOpen(
  { permit, activities }: Contract,
  part: Contract['sealed']['contract'][number],
): Promise<string | undefined> {
  const options = { summary: `rename for ${part.effect.key}` };
  try {
    await activities.effects.renameOldForm.executeWithOptions(options, [{ permit, sealed: part }]);
    return undefined;
  } catch (error) {
    const { code, message } = causeOf(error);
    if (isActivityFault(error) && code === 'ReleaseOpen') return message;
    throw error;
  }
}

/** Nothing is wrong and nobody is asked again: what the gate showed is looked at anew right before the renaming. */
const waitForRelease = (contract: Contract, why: string): Promise<Next> =>
  hold(contract, {
    phase: 'WaitingForRelease',
    why,
    againInMs: safetyOf(contract.state()).rule.checkEveryMs,
    tell: 'held',
    summary: 'until no release has its snapshot there',
  });

/** The approval was for a pack that is no longer true: it is asked for again once it is quiet. */
function backToQuiet({ state, change }: Contract, why: string): Next {
  const parts = state().parts.map(({ effect }) => ({ effect, status: 'waiting' }) as const);
  change(
    to(state(), { phase: 'WaitingForQuiet', approvals: [], parts }, { step: 'quiet', why, nextLookMs: Date.now() }),
  );
  return 'go';
}

export async function waitRenamed(contract: Contract): Promise<Next> {
  const { state, change, mayContinue } = contract;
  const leftMs = (safetyOf(state()).dropAtMs ?? 0) - Date.now();
  if (leftMs > 0) {
    const summary = 'until the old form is dropped';
    const isInTime = await condition(() => isUnwanted(contract) || mayContinue(), leftMs, { summary });
    if (isInTime && !isUnwanted(contract)) return 'continue';
  }
  // Nothing is stuck here, so that no part is changed by it.
  if (isUnwanted(contract)) return takeBack(contract);
  change(to(state(), { phase: 'Dropping' }, { step: 'drop' }));
  return 'go';
}

export async function drop(contract: Contract): Promise<Next> {
  const { sealed, permit, activities, state, change } = contract;
  for (const part of sealed.contract) {
    const { key } = part.effect;
    if (partOf(state(), key).status === 'done') continue;
    const work = async (): Promise<void> => {
      const input = { permit, sealed: part };
      // Rows were written since the first copy; under its hidden name nobody writes the old form any more. What a failed check
      // tries again behind the drop has nothing left to copy.
      if (partOf(state(), key).isDropped !== true || !patched('copy-until-dropped'))
        await activities.effects.takeRestorePoint.executeWithOptions({ summary: `last restore point of ${key}` }, [
          input,
        ]);
      const detail = await activities.effects.dropOldForm.executeWithOptions({ summary: `drop for ${key}` }, [input]);
      change(withPart(state(), key, { isDropped: true }));
      await verify(contract, key);
      change(withPart(state(), key, { status: 'done', detail }));
    };
    const next = await untilDone(contract, key, 'Dropping', { work, mayStop: true });
    if (next === 'continue') return next;
    if (isUnwanted(contract)) return takeBack(contract);
  }
  change(to(state(), { phase: 'Contracted' }, {}));
  return 'go';
}
