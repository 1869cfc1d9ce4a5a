import type { RenamedForm } from '../core/contract/open-release';
import type { Plan, SealedPlan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import { PortError } from '../ports/errors';
import type { World } from '../core/release/snapshot';
import type { Ports } from './ports';

type Entered = {
  readonly refusals: readonly Refusal[];
  /** Databases that the plan only looks at and whose schema a contract may still change. */
  readonly unsettled: readonly string[];
};

const migrates = ({ effects }: Plan, target: string): boolean =>
  effects.some((effect) => effect.kind === 'migrate' && effect.target === target);

const refuse = (target: string, renamed: readonly RenamedForm[]): Refusal => ({
  code: 'contract-renamed',
  kind: 'denied',
  message:
    `${target}: ${renamed.map(({ forms, migration, release }) => `the contract of migration \`${migration}\` (release ${release}) has renamed ${forms.join(', ')}`).join('; ')}` +
    ' and not dropped it yet: if its name were given back, this release could not tell that from its own work.',
  fix:
    'Start again when it is dropped (`spillway status SERVICE --contract` of the service whose contract it is says when), ' +
    'or have the name given back first: `spillway reject SERVICE contract`.',
});

/** A schema that is left out of the snapshot is not compared in the proof. */
export const withoutSchemas = (world: World, targets: readonly string[]): World => ({
  ...world,
  schemas: Object.fromEntries(Object.entries(world.schemas).filter(([target]) => !targets.includes(target))),
});

/** Notes this release in every database of its plan before it takes its snapshot there, so that no contract renames anything meanwhile. */
export async function enterDatabases(ports: Ports, { plan, seal }: SealedPlan): Promise<Entered> {
  const refusals: Refusal[] = [];
  const unsettled: string[] = [];
  const { workflowId, firstRunId: release } = seal;
  const { service, version } = plan;
  for (const target of plan.targets.databases) {
    const isMigrating = migrates(plan, target);
    try {
      const renamed = await ports.contracts(target).enter({ workflowId, release, service, version }, isMigrating);
      if (renamed.length > 0 && isMigrating) refusals.push(refuse(target, renamed));
      else if (renamed.length > 0) unsettled.push(target);
    } catch (error) {
      // Who only asks invariants may have a user that can write nothing; a change of the schema is no more than drift then.
      if (isMigrating || !(error instanceof PortError) || error.code !== 'Rejected') throw error;
    }
  }
  return { refusals, unsettled };
}
