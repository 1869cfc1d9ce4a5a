import { checkLineage } from '../core/contract/check-lineage';
import type { Plan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import type { Ports } from './ports';
import { askStore } from './release-runs';

const mostReleases = 500;

/** What speaks against a release in its databases: code older than a contracted migration, or a superuser that would migrate. */
export async function refuseData(ports: Ports, plan: Plan, ownRelease: string): Promise<readonly Refusal[]> {
  const { environment, policy } = ports;
  const usual = environment.services[plan.service]?.database;
  const databases = [...new Set([...plan.targets.databases, ...(usual === undefined ? [] : [usual])])];
  if (databases.length === 0) return [];
  const entries = (await Promise.all(databases.map((target) => ports.contracts(target).lineage(plan.service)))).flat();
  const asked = await askStore(ports, (store) => store.keptReleases(environment.name, plan.service, mostReleases));
  const kept = 'answer' in asked ? asked.answer : [];
  const seenAt = kept
    .filter(({ version, release }) => version === plan.version && release !== ownRelease)
    .map(({ keptAt }) => keptAt);
  const supers = policy.migrations.superuser === 'refused' ? await findSuperusers(ports, plan) : [];
  return [...checkLineage(plan, entries, seenAt), ...supers];
}

async function findSuperusers(ports: Ports, plan: Plan): Promise<readonly Refusal[]> {
  const migrated = [...plan.effects, ...plan.contract].flatMap((effect) =>
    effect.kind === 'migrate' ? [effect.target] : [],
  );
  const found = await Promise.all(
    [...new Set(migrated)].map(async (target) => ((await ports.contracts(target).isSuperuser()) ? [target] : [])),
  );
  return found.flat().map((target) => ({
    code: 'superuser-refused',
    kind: 'denied',
    message: `The user of target \`${target}\` is a superuser of its database, and policy \`${ports.policy.name}\` lets no superuser migrate.`,
    fix: `Give the target a role that owns the tables of the service and nothing else, with pg_read_all_stats.`,
  }));
}
