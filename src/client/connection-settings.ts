import { loadClientConfigProfile, toClientOptions, type ClientConfigProfile } from '@temporalio/envconfig';
import { ClientError } from './client-error';

/** Overrides of what the profile and the variables `TEMPORAL_*` say; paths are of PEM files. */
export type ConnectOptions = {
  readonly profile?: string | undefined;
  readonly configFile?: string | undefined;
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly tlsServerName?: string | undefined;
  /** Base address of the Temporal UI; `SPILLWAY_UI_URL` when left out. */
  readonly uiUrl?: string | undefined;
  /** Variables to read instead of the process's own. */
  readonly env?: { readonly [name: string]: string | undefined };
};

export type ConnectionSettings = {
  readonly connection: ReturnType<typeof toClientOptions>['connectionOptions'];
  readonly address: string;
  readonly namespace: string;
  readonly profile: string;
  readonly uiUrl?: string;
};

const present = (env: NonNullable<ConnectOptions['env']>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );

function loadProfile(options: ConnectOptions, env: Record<string, string>): ClientConfigProfile {
  const { profile, configFile } = options;
  try {
    return loadClientConfigProfile({
      ...(profile === undefined ? {} : { profile }),
      ...(configFile === undefined ? {} : { configSource: { path: configFile } }),
      overrideEnvVars: env,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClientError(
      'configuration',
      `The connection settings cannot be read: ${why}. Check --profile, TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE (\`temporal config list\` shows the profiles).`,
      { cause: error },
    );
  }
}

function tlsOf(options: ConnectOptions, profile: ClientConfigProfile): ClientConfigProfile['tls'] {
  const { tls, tlsCert, tlsKey, tlsCa, tlsServerName } = options;
  if (tls === false) return { disabled: true };
  const isAsked = tls === true || [tlsCert, tlsKey, tlsCa, tlsServerName].some((value) => value !== undefined);
  if (!isAsked) return profile.tls;
  return {
    ...profile.tls,
    disabled: false,
    ...(tlsCert === undefined ? {} : { clientCert: { path: tlsCert } }),
    ...(tlsKey === undefined ? {} : { clientKey: { path: tlsKey } }),
    ...(tlsCa === undefined ? {} : { serverCACert: { path: tlsCa } }),
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
  };
}

function uiUrlOf(options: ConnectOptions, env: Record<string, string>, address: string): string | undefined {
  const given = options.uiUrl ?? env['SPILLWAY_UI_URL'];
  if (given !== undefined && given !== '') return given.replace(/\/+$/, '');
  return /\.(tmprl\.cloud|api\.temporal\.io):/.test(address) ? 'https://cloud.temporal.io' : undefined;
}

/** Where and how to connect: options over `TEMPORAL_*` variables over the profile, as Temporal's own command line does. */
export function resolveConnection(options: ConnectOptions = {}): ConnectionSettings {
  const env = present(options.env ?? process.env);
  const profile = loadProfile(options, env);
  const address = options.address ?? profile.address ?? '127.0.0.1:7233';
  const namespace = options.namespace ?? profile.namespace ?? 'default';
  const apiKey = options.apiKey ?? profile.apiKey;
  const tls = tlsOf(options, profile);
  const { connectionOptions } = toClientOptions({
    ...(profile.grpcMeta === undefined ? {} : { grpcMeta: profile.grpcMeta }),
    address,
    namespace,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
  });
  const uiUrl = uiUrlOf(options, env, address);
  return {
    connection: connectionOptions,
    address,
    namespace,
    profile: options.profile ?? env['TEMPORAL_PROFILE'] ?? 'default',
    ...(uiUrl === undefined ? {} : { uiUrl }),
  };
}
