import type { SealedEffect } from '../core/plan/effects';
import type { LeftSwitch } from '../core/release/left-switch';
import { isDraining } from '../core/release/way-back';
import { drainTraffic } from './drain-traffic';
import { keptOf } from './kept';
import type { Run } from './run';

type MigrateEffect = Extract<SealedEffect['effect'], { kind: 'migrate' }>;

/** What an undo needs to know of the rows it may lose: only where the plan asks for it. */
function aboutData(run: Run, { key, migration }: MigrateEffect) {
  const { plan, effects } = run.sealed();
  const keys = plan.rollback.map(({ effectKey }) => effectKey);
  const isFollowing = ({ effect }: SealedEffect): boolean =>
    effect.kind === 'migrate' &&
    effect.migration === migration &&
    effect.losses !== undefined &&
    keys.indexOf(effect.key) > keys.indexOf(key);
  const following = effects.filter(isFollowing);
  const reconcile = (plan.reconcile ?? []).filter((rule) => rule.migration === migration);
  const lose = run.state().compensations[key]?.lose;
  return {
    ...(following.length === 0 ? {} : { following }),
    ...(reconcile.length === 0 ? {} : { reconcile }),
    ...(lose === undefined ? {} : { lose }),
  };
}

/** Keys of the effects that are known to have been done. */
export const writtenBy = (run: Run): readonly string[] =>
  run
    .state()
    .journal.filter(({ state }) => state === 'done')
    .map(({ effect }) => effect);

/** The undo of one effect, as an activity with slots of its own. */
export function undoEffect(run: Run, sealed: SealedEffect, onlyVerify: boolean): Promise<string | LeftSwitch> {
  const { undo } = run.activities;
  const { effect } = sealed;
  const { service, rollback } = run.sealed().plan;
  const { snapshot } = run.state();
  if (snapshot === undefined) throw new Error('no snapshot to go back to');
  const title = rollback.find(({ effectKey }) => effectKey === effect.key)?.title ?? effect.key;
  const options = { summary: onlyVerify ? `verify: ${title}` : title };
  const input = { permit: run.permit(), sealed, onlyVerify };
  switch (effect.kind) {
    case 'expose':
      return isDraining(run.state()) && !onlyVerify
        ? drainTraffic(run, sealed, () => undo.closeTraffic.executeWithOptions(options, [input]))
        : undo.closeTraffic.executeWithOptions(options, [input]);
    case 'deploy':
      return undo.stopCanary.executeWithOptions(options, [{ ...input, service }]);
    case 'configure': {
      const before = snapshot.world.configuration[effect.target]?.[snapshot.roles.canary] ?? 'absent';
      return undo.restoreConfiguration.executeWithOptions(options, [{ ...input, digestBefore: before }]);
    }
    case 'flag': {
      return undo.restoreFlag.executeWithOptions(options, [
        { ...input, kept: keptOf(run), isWritten: writtenBy(run).includes(effect.key) },
      ]);
    }
    case 'rotate':
      return undo.withdrawLogin.executeWithOptions(options, [{ ...input, kept: keptOf(run) }]);
    case 'revoke':
      throw new Error('what contract did is not undone here');
    case 'migrate':
      return undo.undoMigration.executeWithOptions(options, [{ ...input, ...aboutData(run, effect) }]);
  }
}
