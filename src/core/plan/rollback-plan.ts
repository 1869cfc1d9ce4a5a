import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { Compensation, Effect } from './effects';
import { isOpening } from './following-flag';
import type { RollbackModes } from './plan';

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** How users go back, in milliseconds. */
export const compileRollbackModes = ({
  onBreach,
  onAbort,
  drain,
  backInBand,
}: Descriptor['rollback']): RollbackModes => ({
  onBreach,
  onAbort,
  drain: {
    everyMs: durationMs(drain.every),
    sessionsMs: durationMs(drain.sessions),
    baselineWaitMs: durationMs(drain.baselineWait),
  },
  backInBandMs: durationMs(backInBand),
});

/**
 * The undo of every effect with what each one requires. Traffic and kill-switch flags come first, then the canary
 * stops, then configuration, flags, schema and data. `effects` are in the order in which they are applied.
 */
export function planRollback(effects: readonly Effect[]): readonly Compensation[] {
  const exposeKeys = keysOf(effects, 'expose');
  const deployKeys = keysOf(effects, 'deploy');
  const first = effects.filter((effect) => effect.kind === 'expose' || isKillSwitch(effect));
  const canary = effects.filter((effect) => effect.kind === 'deploy');
  const settings = effects.filter(
    (effect) => effect.kind === 'configure' || (effect.kind === 'flag' && !effect.killSwitch),
  );
  const rotations = effects.filter((effect) => effect.kind === 'rotate');
  const configureKeys = keysOf(effects, 'configure');
  return [
    ...first.map((effect) => compensation(effect, [])),
    ...canary.map((effect) => compensation(effect, exposeKeys)),
    ...settings.map((effect) => compensation(effect, deployKeys)),
    // Nothing may name a login that is taken back, and nobody may use it any more.
    ...rotations.map((effect) => compensation(effect, [...deployKeys, ...configureKeys])),
    ...undoMigrations(effects, deployKeys),
  ];
}

function undoMigrations(effects: readonly Effect[], deployKeys: readonly string[]): readonly Compensation[] {
  const latestFirst = effects.filter((effect) => effect.kind === 'migrate').reverse();
  return latestFirst.map((effect, index) => {
    // The next later one is enough: requirements hold through whole chains.
    const later = latestFirst.slice(0, index).findLast((other) => other.target === effect.target);
    return compensation(effect, [...deployKeys, ...(later === undefined ? [] : [later.key])]);
  });
}

function compensation(effect: Effect, requires: readonly string[]): Compensation {
  return { effectKey: effect.key, title: titleOf(effect), requires };
}

function titleOf(effect: Effect): string {
  switch (effect.kind) {
    case 'expose':
      return `Bring the canary's traffic at ${effect.target} to zero`;
    case 'deploy':
      return `Drain and stop ${effect.version} at ${effect.target}`;
    case 'configure':
      return `Restore the configuration at ${effect.target}`;
    case 'flag':
      return `Restore ${effect.killSwitch ? 'kill switch' : 'flag'} ${effect.flag} at ${effect.target}${isOpening(effect) ? ', if everybody has it' : ''}`;
    case 'rotate':
      return `Take login ${effect.login} at ${effect.target} back`;
    case 'revoke':
      return `Leave login ${effect.login} at ${effect.target} as contract left it`;
    case 'migrate':
      return titleOfMigration(effect);
  }
}

function titleOfMigration({ part, migration, target, undo }: MigrateEffect): string {
  return 'skip' in undo
    ? `Leave the ${part} of ${migration} at ${target} as it is: ${undo.skip}`
    : `Undo the ${part} of ${migration} at ${target}`;
}

function keysOf(effects: readonly Effect[], kind: Effect['kind']): readonly string[] {
  return effects.filter((effect) => effect.kind === kind).map((effect) => effect.key);
}

function isKillSwitch(effect: Effect): boolean {
  return effect.kind === 'flag' && effect.killSwitch;
}
