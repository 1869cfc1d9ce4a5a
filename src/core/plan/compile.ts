import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { Environment } from '../environment/schema';
import type { Policy } from '../policy/schema';
import { compileConfiguration, compileMigrations, fileReader, withCopy, type ReadFile } from './compile-effects';
import { withBackfillRule } from './compile-backfill';
import { compileBudget } from './compile-budget';
import { compileRotations } from './compile-credentials';
import { compileFlags } from './compile-flags';
import { compileMetrics } from './compile-metrics';
import { compileReconcile } from './compile-reconcile';
import { compileRisk } from './compile-risk';
import { checkSql } from './compile-sql';
import { compileStages } from './compile-stages';
import { checkTools, toolOf } from './compile-tools';
import { dataStewards } from './data-stewards';
import type { Effect, LeaseRule } from './effects';
import { checkFloors } from './floors';
import { compileContractGate } from './contract-gate';
import { compileContractRule } from './contract-rule';
import type { Check, Invariant, NotificationRule, Plan } from './plan';
import { sentinelsOf, targetDigest } from './target-digest';
import type { Refusal, Refuse } from './refusal';
import { repeated } from './repeated';
import type { SqlReports } from './sql-report';
import { compileRollbackModes, planRollback } from './rollback-plan';
import { findService, targetResolver, type ResolveTarget } from './targets';
import { digestTargets, targetsUsed } from './used-targets';
import { compileWarnings } from './warnings';

export type PlanSources = {
  readonly descriptor: Descriptor;
  /** Text of every file of the bundle, by its path relative to the descriptor. */
  readonly files: { readonly [path: string]: string };
  readonly environment: Environment;
  readonly policy: Policy;
  /** What PostgreSQL's parser found out about every SQL file of the bundle. */
  readonly sql: SqlReports;
};

export type CompiledPlan =
  { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Compiles bundle, environment and policy to a plan, or says everything that stands against it. */
export function compilePlan(sources: PlanSources): CompiledPlan {
  const refusals: Refusal[] = [];
  const plan = draftPlan(sources, (refusal) => void refusals.push(refusal));
  return plan === undefined || refusals.length > 0 ? { ok: false, refusals } : { ok: true, plan };
}

function draftPlan({ descriptor, files, environment, policy, sql }: PlanSources, refuse: Refuse): Plan | undefined {
  refuseWrongEnvironment(descriptor, environment, refuse);
  checkFloors(descriptor, policy, refuse);
  const entry = findService(environment, descriptor.service, refuse);
  if (entry === undefined) return undefined;
  const target = targetResolver(environment, entry, refuse);
  const file = fileReader(files, refuse);
  const traffic = target({ purpose: 'traffic', where: `Service \`${descriptor.service}\`` });
  const deployer = target({ purpose: 'deployer', where: `Service \`${descriptor.service}\`` });

  const reconcile = compileReconcile(descriptor.migrations, target, refuse);
  const migrations = compileMigrations(descriptor.migrations, { file, target, sql }, refuse, reconcile).map((effect) =>
    withOrigin(effect, descriptor, environment),
  );
  const settings = [
    ...withCopy(compileConfiguration(descriptor.configuration, target, refuse), entry),
    ...compileFlags(descriptor.flags, { target, environment, version: descriptor.version, traffic }, refuse),
  ];
  const rotations = compileRotations(descriptor, { environment, target, effects: settings }, refuse);
  const invariants = compileInvariants(descriptor, { file, target }, refuse);
  const tools = checkTools(migrations, { sql, environment }, refuse);
  const judged = checkSql({ migrations, invariants, reconcile }, { sql, policy }, refuse);
  const metrics = compileMetrics({ descriptor, environment, policy }, target, refuse);
  const notify = compileNotify(descriptor, target);
  const contractGate = compileContractGate(descriptor, policy, refuse);
  const contract = migrations.filter((effect) => effect.part === 'contract');
  const lease = { ttlMs: durationMs(policy.lease.duration), isRequired: policy.lease.sentinel === 'required' };
  const effects = [
    ...migrations
      .filter(({ part }) => part !== 'switch' && part !== 'contract')
      .map((effect) => withBackfillRule(effect, { descriptor, metrics, traffic })),
    ...settings,
    ...versionEffects(descriptor, { traffic, deployer, lease }),
    ...migrations.filter(({ part }) => part === 'switch'),
  ];
  const stages = compileStages(
    { descriptor, environment, target: traffic, policy, effects, invariants, reconcile },
    refuse,
  );
  if (traffic === undefined || deployer === undefined) return undefined;
  refuseWithoutSentinel(traffic, { environment, policy }, refuse);

  const targets = { traffic, deployer, ...targetsUsed([...effects, ...contract], { invariants, metrics, rotations }) };
  const draft = {
    service: descriptor.service,
    version: descriptor.version,
    environment: environment.name,
    hypothesis: descriptor.hypothesis,
    owners: descriptor.owners,
    targets,
    targetDigests: digestTargets(targets, environment),
    effects: effects.map((effect) => placed(effect, environment)),
    stages,
    contract: contract.map((effect) => placed(effect, environment)),
    contractGate,
    ...(judged.locks.length === 0 ? {} : { locks: judged.locks }),
    metrics,
    checks: descriptor.checks.map(compileCheck),
    invariants,
    ...(reconcile.length === 0 ? {} : { reconcile }),
    ...(rotations.length === 0 ? {} : { rotations }),
    ...(migrations.length === 0 ? {} : { dataStewards: dataStewards(descriptor, policy) }),
    noData: { holdForMs: durationMs(descriptor.noData.holdFor), then: descriptor.noData.then },
    drift: policy.drift,
    ...compileBudget(descriptor),
    ...compileRisk(descriptor),
    longestPauseMs: durationMs(descriptor.pause.longest),
    rollbackModes: compileRollbackModes(descriptor.rollback),
    lease,
    notify,
  };
  const warnings = [...compileWarnings({ plan: draft, descriptor, environment }), ...judged.warnings, ...tools];
  return { ...draft, rollback: planRollback(effects), warnings };
}

type Migrate = Extract<Effect, { kind: 'migrate' }>;

/** Lineage and contract need to know whose change it is and how carefully the old form goes; a tool takes no such steps. */
const withOrigin = (
  effect: Migrate,
  { service, version, contract }: Descriptor,
  environment: Environment,
): Migrate => ({
  ...effect,
  origin: { service, version },
  ...(effect.part === 'contract' && toolOf(environment, effect) === undefined
    ? { rule: compileContractRule(contract) }
    : {}),
});

const placed = <E extends Effect>(effect: E, environment: Environment): E => ({
  ...effect,
  targetDigest: targetDigest(environment, effect.target),
});

function refuseWrongEnvironment(descriptor: Descriptor, environment: Environment, refuse: Refuse): void {
  if (descriptor.environment === environment.name) return;
  refuse({
    code: 'wrong-environment',
    kind: 'invalid',
    message: `The descriptor is for environment \`${descriptor.environment}\`, and this worker serves \`${environment.name}\`.`,
    fix: `Start the release where a worker of \`${descriptor.environment}\` listens, or correct \`environment\` in the descriptor.`,
  });
}

function refuseWithoutSentinel(
  traffic: string,
  { environment, policy }: Pick<PlanSources, 'environment' | 'policy'>,
  refuse: Refuse,
): void {
  if (policy.lease.sentinel !== 'required' || sentinelsOf(environment, traffic).length > 0) return;
  refuse({
    code: 'sentinel-missing',
    kind: 'denied',
    message: `Policy \`${policy.name}\` asks for a sentinel, and target \`${traffic}\` of environment \`${environment.name}\` has none: nothing would close the gate when the engine is dead.`,
    fix: `Run \`spillway sentinel\` beside the proxy and name it under \`sentinels\` of \`${traffic}\`.`,
  });
}

type VersionTargets = {
  readonly traffic: string | undefined;
  readonly deployer: string | undefined;
  readonly lease: LeaseRule;
};

function versionEffects(
  { service, version }: Descriptor,
  { traffic, deployer, lease }: VersionTargets,
): readonly Effect[] {
  return [
    ...(deployer === undefined
      ? []
      : [{ kind: 'deploy', key: `deploy/${service}`, target: deployer, version } as const]),
    ...(traffic === undefined ? [] : [{ kind: 'expose', key: `expose/${service}`, target: traffic, lease } as const]),
  ];
}

function compileInvariants(
  { invariants }: Descriptor,
  read: { readonly file: ReadFile; readonly target: ResolveTarget },
  refuse: Refuse,
): readonly Invariant[] {
  for (const id of repeated(invariants.map((invariant) => invariant.id))) {
    refuse({
      code: 'duplicate-invariant',
      kind: 'invalid',
      message: `More than one data invariant has the id \`${id}\`.`,
      fix: 'Give every invariant an id of its own.',
    });
  }
  return invariants.flatMap(({ id, database, query: path }) => {
    const target = read.target({ purpose: 'database', named: database, where: `Invariant \`${id}\`` });
    const query = read.file(path, `Invariant \`${id}\``);
    return target === undefined || query === undefined ? [] : [{ id, target, query }];
  });
}

function compileNotify({ notify }: Descriptor, target: ResolveTarget): readonly NotificationRule[] {
  return notify.flatMap(({ to: named, on }) => {
    const to = target({ purpose: 'notify', named, where: 'An entry of `notify`' });
    return to === undefined ? [] : [{ to, on }];
  });
}

function compileCheck({ path, method, status, bodyContains }: Descriptor['checks'][number]): Check {
  return { path, method, status, ...(bodyContains === undefined ? {} : { bodyContains }) };
}
