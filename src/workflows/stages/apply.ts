import type { SealedEffect } from '../../core/plan/effects';
import { flagText } from '../../core/plan/flag-text';
import type { Stage } from '../../core/plan/stages';
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
      const title = `set ${Object.keys(effect.set).join(', ')} for the canary`;
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
    case 'expose':
      throw new Error('exposure is a stage of its own');
  }
}

/** One effect: its intent is recorded first, so that its undo is due even when the result never comes back. */
async function applyEffect(run: Run, key: string): Promise<void> {
  const { title, work } = effectWork(run, run.sealedEffect(key));
  run.record({ type: 'effect-intended', effect: key, title });
  const detail = await work();
  run.record({ type: 'effect-done', effect: key, detail });
  assertForward(run);
}

export async function runApply(run: Run, stage: Extract<Stage, { kind: 'apply' }>): Promise<string> {
  for (const key of stage.effects) {
    await whileUnpaused(run);
    await applyEffect(run, key);
  }
  return `${stage.effects.length} ${stage.effects.length === 1 ? 'effect' : 'effects'} applied`;
}
