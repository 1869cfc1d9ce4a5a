import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pickFreePort } from '../../src/stack/free-port';
import { isAnswering } from '../../src/stack/is-answering';
import { startStack } from '../../src/stack/start-stack';

/** The version that the adapter was measured with; the set-up for tests installs it. */
const version = '7.5.1';

const cache = process.env['SPILLWAY_CACHE'] || join(homedir(), '.cache', 'spillway');
const server = join(cache, 'unleash', version, 'node_modules', 'unleash-server', 'dist', 'server.js');

type UnleashContext = { readonly userId?: string; readonly properties?: { readonly [field: string]: string } };
type UnleashSdk = { isEnabled(flag: string, context: UnleashContext): boolean; destroy(): void };
/** As much of Unleash's SDK as is used here; the server brings it along, so it is no dependency of ours. */
type SdkModule = {
  readonly startUnleash: (options: object) => Promise<UnleashSdk>;
  readonly InMemStorageProvider: new () => object;
};

export type TestUnleash = {
  readonly url: string;
  /** May do everything. */
  readonly adminToken: string;
  /** One request to the admin API, as another person would make it; throws unless it is answered with a 2xx. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Unleash's own SDK as a service runs it, in environment `development`; whoever starts it destroys it. */
  startSdk(options: { readonly refreshIntervalMs: number }): Promise<UnleashSdk>;
  /** What Unleash's own SDK says in environment `development`, with the flags as they are now. */
  withSdk<T>(ask: (isOn: (flag: string, context: UnleashContext) => boolean) => T): Promise<T>;
  /** The process of the server, by which it can be frozen; undefined while it is dead. */
  pid(): number | undefined;
  /** Kills the server as a crash would; what it keeps is in its database. */
  kill(): Promise<void>;
  /** Starts it again, at the same address. */
  revive(): Promise<void>;
  stop(): Promise<void>;
};

async function admin(url: string, token: string, request: { method: string; path: string; body?: unknown }) {
  const { method, path, body } = request;
  const response = await fetch(`${url}/api/admin${path}`, {
    method,
    headers: { authorization: token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

type SdkPlace = { readonly url: string; readonly token: string; readonly refreshIntervalMs: number };

async function startSdk({ url, token, refreshIntervalMs }: SdkPlace): Promise<UnleashSdk> {
  const { startUnleash: start, InMemStorageProvider } = createRequire(server)('unleash-client') as SdkModule;
  return start({
    url: `${url}/api`,
    appName: 'tests',
    customHeaders: { Authorization: token },
    refreshInterval: refreshIntervalMs,
    disableMetrics: true,
    storageProvider: new InMemStorageProvider(),
  });
}

/** A real Unleash on a PostgreSQL of its own; it takes some six seconds and 250 MB, so one a test file. */
export async function startUnleash(): Promise<TestUnleash> {
  if (!existsSync(server))
    throw new Error(`There is no Unleash to test with at ${server}. Run: node scripts/setup.mjs --with-tests`);
  const stack = await startStack({ parts: ['postgres'], postgres: { fsync: false } });
  try {
    const port = await pickFreePort();
    const url = `http://127.0.0.1:${port}`;
    const adminToken = '*:*.admin-token-of-the-tests';
    const backendToken = 'default:development.backend-token-of-the-tests';
    const component = await stack.add({
      title: 'Unleash',
      command: process.execPath,
      args: [server],
      logPath: join(stack.runDirectory, 'unleash.log'),
      env: {
        DATABASE_URL: await stack.postgres.createDatabase('unleash'),
        DATABASE_SSL: 'false',
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: String(port),
        INIT_ADMIN_API_TOKENS: adminToken,
        INIT_BACKEND_API_TOKENS: backendToken,
        // It asks nobody about newer versions and reports nothing.
        CHECK_VERSION: 'false',
        SEND_TELEMETRY: 'false',
        LOG_LEVEL: 'warn',
        NODE_ENV: 'production',
      },
      stopSignal: 'SIGTERM',
      readyTimeoutMs: 90_000,
      isReady: () => isAnswering(`${url}/health`),
    });
    const sdkWith = (refreshIntervalMs: number) => startSdk({ url, token: backendToken, refreshIntervalMs });
    return {
      url,
      adminToken,
      admin: (method, path, body) => admin(url, adminToken, { method, path, body }),
      startSdk: ({ refreshIntervalMs }) => sdkWith(refreshIntervalMs),
      async withSdk(ask) {
        // It looks once; 0 would mean never.
        const sdk = await sdkWith(600_000);
        try {
          return ask((flag, context) => sdk.isEnabled(flag, context));
        } finally {
          sdk.destroy();
        }
      },
      pid: () => component.pid(),
      kill: () => component.kill(),
      revive: () => component.start(),
      stop: () => stack.stop(),
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
