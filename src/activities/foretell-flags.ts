import type { Plan } from '../core/plan/plan';
import type { World } from '../core/release/snapshot';
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
      await ports.flags(effect.target).foretell(effect.flag, { found, value: effect.value });
    }),
  );
}
