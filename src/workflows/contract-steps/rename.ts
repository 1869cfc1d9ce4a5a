import { condition } from '@temporalio/workflow';
import { partOf, withPart } from '../../core/release/contract-state';
import { decline, safetyOf, to, type Contract, type Next } from './contract';
import { findBlockers, findDifference } from './find-blockers';
import { untilDone, verify } from './until-done';

export async function rename(contract: Contract): Promise<Next> {
  const { sealed, permit, activities, state, change } = contract;
  const isUnwanted = (): boolean => state().declined !== undefined;
  const [first] = sealed.contract;
  if (first !== undefined && !state().parts.some(({ isRenamed }) => isRenamed === true)) {
    let blocked: string | undefined;
    // A database that does not answer is no news of readers: the approval stands, and it is asked again.
    const work = async (): Promise<void> => {
      blocked = (await findBlockers(contract, 'thrown'))?.why ?? (await findDifference(contract));
    };
    const next = await untilDone(contract, first.effect.key, 'Contracting', { work, isUnwanted });
    if (next === 'continue') return next;
    if (isUnwanted()) return takeBack(contract);
    if (blocked !== undefined) return backToQuiet(contract, blocked);
  }
  for (const part of sealed.contract) {
    const { key } = part.effect;
    const { isRenamed, status } = partOf(state(), key);
    if (isRenamed === true && status === 'running') continue;
    const work = async (): Promise<void> => {
      const input = { permit, sealed: part };
      await activities.effects.renameOldForm.executeWithOptions({ summary: `rename for ${key}` }, [input]);
      change(withPart(state(), key, { isRenamed: true }));
      await verify(contract, key);
    };
    const next = await untilDone(contract, key, 'Contracting', { work, isUnwanted });
    if (next === 'continue') return next;
    if (isUnwanted()) return takeBack(contract);
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
  const isRejected = (): boolean => state().declined !== undefined;
  if (leftMs > 0) {
    const summary = 'until the old form is dropped';
    const isInTime = await condition(() => isRejected() || mayContinue(), leftMs, { summary });
    if (isInTime && !isRejected()) return 'continue';
  }
  change(
    isRejected()
      ? to(state(), { phase: 'Renamed' }, { step: 'put-back' })
      : to(state(), { phase: 'Dropping' }, { step: 'drop' }),
  );
  return 'go';
}

export async function putBack(contract: Contract): Promise<Next> {
  const { sealed, permit, activities, state, change } = contract;
  for (const part of [...sealed.contract].reverse()) {
    const { key } = part.effect;
    const { isRenamed, status } = partOf(state(), key);
    // What was cut off in its rename may have got through.
    if (isRenamed !== true && status === 'waiting') continue;
    const work = async (): Promise<void> => {
      const options = { summary: `put back ${key}` };
      const detail = await activities.effects.putOldFormBack.executeWithOptions(options, [{ permit, sealed: part }]);
      change(withPart(state(), key, { status: 'waiting', isRenamed: false, detail }));
    };
    const next = await untilDone(contract, key, 'Renamed', { work });
    if (next === 'continue') return next;
  }
  return decline(contract);
}

export async function drop(contract: Contract): Promise<Next> {
  const { sealed, permit, activities, state, change } = contract;
  const isUnwanted = (): boolean => state().declined !== undefined;
  for (const part of sealed.contract) {
    const { key } = part.effect;
    if (partOf(state(), key).status === 'done') continue;
    const work = async (): Promise<void> => {
      const input = { permit, sealed: part };
      // Rows were written since the first copy; under its hidden name nobody writes the old form any more.
      await activities.effects.takeRestorePoint.executeWithOptions({ summary: `last restore point of ${key}` }, [
        input,
      ]);
      const detail = await activities.effects.dropOldForm.executeWithOptions({ summary: `drop for ${key}` }, [input]);
      change(withPart(state(), key, { isDropped: true }));
      await verify(contract, key);
      change(withPart(state(), key, { status: 'done', detail }));
    };
    const next = await untilDone(contract, key, 'Dropping', { work, isUnwanted });
    if (next === 'continue') return next;
    if (isUnwanted()) return takeBack(contract);
  }
  change(to(state(), { phase: 'Contracted' }, {}));
  return 'go';
}
