import { readFile } from 'node:fs/promises';
import type { Ports, TemporalPorts } from './activities/ports';
import { configurationSecrets, createConfiguration } from './adapters/configuration/create-configuration';
import { contractOptions } from './adapters/contract/options';
import { createPostgresContract } from './adapters/contract/postgres';
import { createPostgresLogin } from './adapters/credentials/postgres-login';
import { createExecDeployer } from './adapters/deployer/exec';
import { createFlags } from './adapters/flags/create-flags';
import { createPrometheusMetrics } from './adapters/metrics/prometheus';
import { createMigrations } from './adapters/migrations/tools/create-migrations';
import type { TrialOptions } from './adapters/migrations/trial/try-on-copy';
import { createWebhook } from './adapters/notifications/webhook';
import { createHttpSentinel } from './adapters/sentinel/http';
import { resolveSecret } from './adapters/secrets';
import { requestSlot } from './adapters/slot-request';
import { createPostgresStore } from './adapters/store/postgres';
import { createHaproxyTraffic } from './adapters/traffic/haproxy';
import { haproxyTarget, haproxyTimeoutMs } from './adapters/traffic/haproxy-target';
import { createHaproxySampler, type HaproxySampler } from './adapters/traffic/haproxy-sampler';
import { durationMs } from './core/duration';
import { kindsFor } from './core/environment/purposes';
import type { Environment, Target, TargetOf } from './core/environment/schema';
import { sentinelsOf } from './core/plan/target-digest';
import type { Policy } from './core/policy/schema';
import type { NotificationsPort } from './ports/notifications';
import { PortError } from './ports/errors';

/** Watchers that look within this time share one reading of a proxy. */
const sharedReadMs = 40;

export type PortSources = {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly env: { readonly [name: string]: string | undefined };
  readonly temporal: TemporalPorts;
};

export type ComposedPorts = Ports & {
  readonly sinks: { readonly [name: string]: NotificationsPort };
  close(): Promise<void>;
};

const isTargetKind = <K extends Target['kind']>(
  target: Target | undefined,
  kinds: readonly K[],
): target is TargetOf<K> => kinds.some((kind) => kind === target?.kind);

/** Makes one port per target on first use and keeps it. */
function perTarget<K extends Target['kind'], P>(
  environment: Environment,
  kinds: readonly K[],
  create: (target: TargetOf<K>, name: string) => P,
) {
  const made = new Map<string, P>();
  return (name: string): P => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const target = environment.targets[name];
    if (!isTargetKind(target, kinds))
      throw new PortError(
        'Rejected',
        `environment ${environment.name} has no ${kinds.join(' or ')} target ${name}; it was there when the plan was made. Put it back, then retry.`,
      );
    const port = create(target, name);
    made.set(name, port);
    return port;
  };
}

/** One sampler a proxy, whichever targets name its socket. */
function createSamplers(): (socket: string) => HaproxySampler {
  const made = new Map<string, HaproxySampler>();
  return (socket) => {
    const sampler =
      made.get(socket) ?? createHaproxySampler({ socket, timeoutMs: haproxyTimeoutMs, shareMs: sharedReadMs });
    made.set(socket, sampler);
    return sampler;
  };
}

/** Every secret that targets name but passwords that a release rotates, resolved once at start: a missing one is said before any release needs it. */
async function resolveSecrets({ environment, env }: PortSources): Promise<(reference: string) => string> {
  const references = [
    environment.store.dsn,
    environment.sealKey,
    ...Object.values(environment.targets).flatMap(secretsOf),
    ...Object.keys(environment.targets).flatMap((name) => sentinelsOf(environment, name).map(({ token }) => token)),
  ];
  const read = (path: string): Promise<string> => readFile(path, 'utf8');
  const values = new Map(
    await Promise.all(references.map(async (each) => [each, await resolveSecret(each, env, read)] as const)),
  );
  return (reference) => {
    const value = values.get(reference);
    if (value === undefined) throw new Error(`secret ${reference} was not resolved`);
    return value;
  };
}

function secretsOf(target: Target): readonly string[] {
  if (target.kind === 'postgres') return databaseSecrets(target);
  if (target.kind === 'configuration-git') return configurationSecrets(target);
  if (target.kind === 'webhook') return [target.url];
  if (target.kind === 'postgres-login') return [target.dsn];
  return target.kind === 'unleash' ? [target.token] : [];
}

const databaseSecrets = ({ dsn, trial }: TargetOf<'postgres'>): readonly string[] => [
  dsn,
  ...(trial.enabled && trial.dsn !== undefined ? [trial.dsn] : []),
];

/** How undos are tried at a database; undefined where its environment wants none tried. */
const trialOf = ({ trial }: TargetOf<'postgres'>, secret: (reference: string) => string): TrialOptions | undefined =>
  trial.enabled
    ? { sampleRows: trial.sampleRows, dsn: trial.dsn === undefined ? undefined : secret(trial.dsn) }
    : undefined;

function createSinks(environment: Environment, secret: (reference: string) => string): ComposedPorts['sinks'] {
  return Object.fromEntries(
    Object.entries(environment.targets).flatMap(([name, target]) =>
      target.kind === 'webhook'
        ? [[name, createWebhook({ url: secret(target.url), format: target.format })] as const]
        : [],
    ),
  );
}

/** Puts the real adapters together for one environment. */
export async function composePorts(sources: PortSources): Promise<ComposedPorts> {
  const { environment, policy, env, temporal } = sources;
  const secret = await resolveSecrets(sources);
  const store = createPostgresStore({ dsn: secret(environment.store.dsn) });
  const scrapeIntervalMs = (name: string): number => {
    const target = environment.targets[name];
    return isTargetKind(target, kindsFor.metrics) ? durationMs(target.scrapeInterval) : 15_000;
  };
  const sampler = createSamplers();
  const closing = [() => store.close()];
  return {
    environment,
    policy,
    sealKey: new TextEncoder().encode(secret(environment.sealKey)),
    store,
    traffic: perTarget(environment, kindsFor.traffic, (target) =>
      createHaproxyTraffic({ ...haproxyTarget(target), sampler }),
    ),
    sentinels: perTarget(environment, kindsFor.traffic, ({ sentinels }) =>
      sentinels.map(({ url, token }) => createHttpSentinel({ url, token: secret(token) })),
    ),
    deployer: perTarget(environment, kindsFor.deployer, (target) =>
      createExecDeployer({
        ...target,
        commandTimeoutMs: durationMs(target.commandTimeout),
        environment: commandEnvironment(env),
      }),
    ),
    database: perTarget(environment, kindsFor.database, (target, name) =>
      createMigrations(
        {
          dsn: secret(target.dsn),
          schemas: target.schemas,
          lockTimeoutMs: durationMs(target.lockTimeout),
          statementTimeoutMs: durationMs(target.statementTimeout),
          target: name,
          trial: trialOf(target, secret),
        },
        target.tool,
        commandEnvironment(env),
      ),
    ),
    contracts: perTarget(environment, kindsFor.database, (target, name) =>
      createPostgresContract({
        ...contractOptions(target, commandEnvironment(env)),
        dsn: secret(target.dsn),
        target: name,
      }),
    ),
    metrics: perTarget(environment, kindsFor.metrics, ({ url, timeout }, name) =>
      createPrometheusMetrics({ url, scrapeIntervalMs: scrapeIntervalMs(name), timeoutMs: durationMs(timeout) }),
    ),
    scrapeIntervalMs,
    configuration: perTarget(environment, kindsFor.configuration, (target, name) => {
      const { port, close } = createConfiguration(target, name, { secret, environment: commandEnvironment(env) });
      closing.push(close);
      return port;
    }),
    flags: perTarget(environment, kindsFor.flags, (target, name) => createFlags(target, { name, secret })),
    credentials: perTarget(environment, kindsFor.credentials, ({ dsn, logins }, name) =>
      createPostgresLogin({
        dsn: secret(dsn),
        target: name,
        // Read anew at every use: a rotation is why it changes.
        password: (role) => readPassword(logins, role, env),
      }),
    ),
    ...temporal,
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    request: requestSlot,
    sinks: createSinks(environment, secret),
    close: async () => void (await Promise.all(closing.map((end) => end()))),
  };
}

function readPassword(
  logins: TargetOf<'postgres-login'>['logins'],
  role: string,
  env: PortSources['env'],
): Promise<string> {
  const login = logins.find((each) => each.role === role);
  if (login === undefined) throw new Error(`login ${role} is not of this target`);
  return resolveSecret(login.password, env, (path) => readFile(path, 'utf8'));
}

// Deploy commands get what an operator's shell has, but neither Spillway's own secrets nor Temporal's.
const commandEnvironment = (env: PortSources['env']): PortSources['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(SPILLWAY|TEMPORAL)_/.test(name)));
