import type { Environment } from '../environment/schema';
import type { Json } from '../json';
import type { Effect } from './effects';
import { flagText } from './flag-text';
import type { Refuse } from './refusal';

type FlagEffect = Extract<Effect, { kind: 'flag' }>;

const limitKeys = ['percent', 'tenants'];

const isLimit = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length > 0 &&
  Object.keys(value).every((key) => limitKeys.includes(key));

/**
 * A flag that follows the traffic, as two effects: first for whoever is served by the version of this release, and once everybody
 * is, for all whom its value means.
 */
export function followingFlag(
  effect: FlagEffect,
  { version, environment }: { readonly version: string; readonly environment: Environment },
  refuse: Refuse,
): readonly FlagEffect[] {
  const { key, flag, target, value, killSwitch } = effect;
  const isForAll = value === true;
  if (killSwitch || !(isForAll || isLimit(value))) {
    refuse({
      code: 'flag-cannot-follow',
      kind: 'invalid',
      message: killSwitch
        ? `Flag \`${flag}\` is a kill switch and follows the traffic: it has to act whoever is served by which version.`
        : `Flag \`${flag}\` follows the traffic, and its value is ${flagText(value)}: who is served by this version is added to \`true\` or to a limit alone.`,
      fix: killSwitch
        ? 'Take `follows` out, or `killSwitch`.'
        : 'Write `true`, `{ percent }`, `{ tenants }` or `{ cohort }`, or take `follows` out.',
    });
    return [];
  }
  const limit = isForAll ? {} : value;
  // A provider may leave an earlier limit where it is only told to turn a flag on.
  const all = environment.targets[target]?.kind === 'flag-file' ? true : { percent: 100 };
  return [
    { ...effect, value: { ...limit, versions: [version] }, follows: 'traffic' },
    { ...effect, key: `${key}/everybody`, value: isForAll ? all : limit, isOpening: true },
  ];
}

/** Whether an effect gives everybody a flag that followed the traffic until then. */
export const isOpening = (effect: Effect): boolean => effect.kind === 'flag' && effect.isOpening === true;
