import { isSameJson } from '../core/canonical';
import type { Effect, Slots } from '../core/plan/effects';
import { flagText } from '../core/plan/flag-text';
import type { Permit } from '../core/plan/plan';
import type { Snapshot } from '../core/release/snapshot';
import { plural } from '../core/plural';
import { PortError } from '../ports/errors';
import type { Ports } from './ports';

type FlagEffect = Extract<Effect, { kind: 'flag' }>;
type ConfigureEffect = Extract<Effect, { kind: 'configure' }>;

/** Sets the keys for the canary and reads them back; `onto` says whose document they are written onto. */
export async function writeConfiguration(
  ports: Ports,
  { target, set }: ConfigureEffect,
  { seal, roles }: Permit,
  onto: Slots = roles,
): Promise<string> {
  const configuration = ports.configuration(target);
  await configuration.apply(onto, set, seal.firstRunId);
  if (!(await configuration.isApplied(roles, set)))
    throw new PortError(
      'NotConverged',
      `${target}: the canary's configuration does not read back as written; it is tried again.`,
    );
  return `${plural(Object.keys(set).length, 'key')} set for the canary`;
}

/** Writes the value of a flag and reads it back. */
export async function writeFlag(ports: Ports, { target, flag, value }: FlagEffect): Promise<string> {
  const flags = ports.flags(target);
  await flags.write(flag, value);
  const found = await flags.read(flag);
  const wanted = await flags.foretell(flag, { found, value });
  if (!isSameJson(found, wanted))
    throw new PortError('NotConverged', `${target}: flag ${flag} does not read back as written; it is tried again.`);
  return `${flag} is ${flagText(value)}`;
}

/** Puts a flag back as the snapshot has it and reads it back; `onlyVerify` reads alone. */
export async function putFlagBack(
  ports: Ports,
  { target, flag }: FlagEffect,
  { world }: Snapshot,
  onlyVerify = false,
): Promise<string> {
  const flags = ports.flags(target);
  const wanted = world.flags[target]?.[flag]?.[0];
  if (!onlyVerify) await flags.write(flag, wanted);
  if (!isSameJson(await flags.read(flag), wanted))
    throw new PortError('NotConverged', `${target}: flag ${flag} is not as before; it is tried again.`);
  return `${flag} is as before`;
}
