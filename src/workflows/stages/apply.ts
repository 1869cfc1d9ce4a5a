import { patched } from '@temporalio/workflow';
import { isSetting } from '../../core/drift/drift';
import type { SealedEffect } from '../../core/plan/effects';
import { flagText } from '../../core/plan/flag-text';
import { isOpening } from '../../core/plan/following-flag';
import type { Stage } from '../../core/plan/stages';
import { keptOf } from '../kept';
import type { Run } from '../run';
import { assertForward, whileUnpaused } from '../wait';

type Titled = { readonly title: string; readonly work: () => Promise<string> };

function effectWork(run: Run, sealed: SealedEffect): Titled {
  const { effects } = run.activities;
  const permit = run.permit();
  const { effect } = sealed;
  const { service } = run.sealed().plan;
  const input = { permit, sealed };
  switch (effect.kind) {
    case 'migrate': {
      const title = `${effect.part} ${effect.migration} (${effect.apply.path})`;
      const activity = effect.part === 'backfill' ? effects.backfill : effects.migrate;
      return { title, work: () => activity.executeWithOptions({ summary: title }, [input]) };
    }
    case 'configure': {
      const keys = Object.keys(effect.set);
      const title =
        keys.length === 0
          ? 'the canary gets the configuration of the baseline'
          : `set ${keys.join(', ')} for the canary`;
      return { title, work: () => effects.configure.executeWithOptions({ summary: title }, [input]) };
    }
    case 'flag': {
      const title = `flag ${effect.flag} → ${flagText(effect.value)}`;
      return { title, work: () => effects.setFlag.executeWithOptions({ summary: title }, [input]) };
    }
    case 'deploy': {
      const title = `deploy ${effect.version} into ${permit.roles.canary}`;
      return {
        title,
        work: () => effects.deployCanary.executeWithOptions({ summary: title }, [{ ...input, service }]),
      };
    }
    case 'rotate': {
      const title = `login ${effect.login} becomes valid beside ${effect.from}`;
      return { title, work: () => effects.issueLogin.executeWithOptions({ summary: title }, [input]) };
    }
    case 'revoke':
      throw new Error('a login is revoked by contract');
    case 'expose':
      throw new Error('exposure is a stage of its own');
  }
}

/** What was changed since the snapshot is left alone: the effect is not begun, so nothing of it is undone. */
async function assertUnchanged(run: Run, sealed: SealedEffect): Promise<void> {
  const { effect } = sealed;
  // What followed the traffic reads as this release set it, and is watched.
  if (!isSetting(effect) || isOpening(effect) || !patched('unchanged-before-write')) return;
  const input = { permit: run.permit(), sealed, kept: keptOf(run) };
  await run.activities.effects.assertUnchanged.executeWithOptions({ summary: `${effect.key} is as in the snapshot` }, [
    input,
  ]);
}

/** A pause that comes while somebody looks holds the effect back, and it is looked at again behind it. */
async function untilItMayBegin(run: Run, sealed: SealedEffect): Promise<void> {
  // A new run goes on with what an earlier one had begun.
  const hasBegun = run.state().journal.some(({ effect }) => effect === sealed.effect.key);
  do {
    await whileUnpaused(run);
    if (!hasBegun) await assertUnchanged(run, sealed);
    assertForward(run);
  } while (run.state().paused !== undefined);
}

/** One effect: its intent is recorded first, so that its undo is due even when the result never comes back. */
async function applyEffect(run: Run, key: string): Promise<void> {
  const sealed = run.sealedEffect(key);
  await untilItMayBegin(run, sealed);
  const { title, work } = effectWork(run, sealed);
  run.record({ type: 'effect-intended', effect: key, title });
  const detail = await work();
  run.record({ type: 'effect-done', effect: key, detail });
  assertForward(run);
}

export async function runApply(run: Run, stage: Extract<Stage, { kind: 'apply' }>): Promise<string> {
  for (const key of stage.effects) {
    await applyEffect(run, key);
  }
  return `${stage.effects.length} ${stage.effects.length === 1 ? 'effect' : 'effects'} applied`;
}
