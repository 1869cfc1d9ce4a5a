import { isSameJson } from '../core/canonical';
import type { Effect } from '../core/plan/effects';
import type { Json } from '../core/json';
import type { Plan } from '../core/plan/plan';
import type { World } from '../core/release/snapshot';
import { PortError } from '../ports/errors';
import type { FlagsPort } from '../ports/flags';
import type { Ports } from './ports';

/**
 * Finds out what every flag of the plan would become, before anything changes.
 * @throws PortError `Rejected` for a value that a flag cannot have.
 */
export async function foretellFlags(ports: Ports, plan: Plan, { flags }: World): Promise<void> {
  await Promise.all(
    plan.effects.map(async (effect) => {
      if (effect.kind !== 'flag') return;
      const found = flags[effect.target]?.[effect.flag]?.[0];
      const port = ports.flags(effect.target);
      await port.foretell(effect.flag, { found, value: effect.value });
      if (effect.follows !== undefined && found !== undefined) await refuseTaken(port, effect, found);
    }),
  );
}

/** While a flag follows the traffic nobody on the baseline has it: somebody who has it now would lose it. */
async function refuseTaken(
  port: FlagsPort,
  { target, flag }: Extract<Effect, { kind: 'flag' }>,
  found: Json,
): Promise<void> {
  if (isSameJson(found, await port.foretell(flag, { found, value: false }))) return;
  throw new PortError(
    'Rejected',
    `${target}: flag ${flag} is to follow the traffic and is not off now: users of the baseline would lose it. Set it to false first, or take \`follows\` out.`,
  );
}
