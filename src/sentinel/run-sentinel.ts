import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { serve } from '@hono/node-server';
import type { Logger } from 'pino';
import { resolveSecret } from '../adapters/secrets';
import type { SentinelStatus } from '../core/sentinel/messages';
import type { SentinelFile } from '../core/sentinel/schema';
import { PortError } from '../ports/errors';
import { guardTarget, type TargetGuard } from './guard-target';
import { createSentinelApp } from './http-app';
import { createSentinelMetrics } from './metrics';
import { proxiesOf } from './proxies';
import { openStateFile, realClocks, type Clocks } from './state-file';

export type SentinelRun = {
  readonly file: SentinelFile;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly env: { readonly [name: string]: string | undefined };
  readonly log: Logger;
  readonly clocks?: Clocks;
};

export type RunningSentinel = {
  readonly url: string;
  /** Rejects when a guard is broken by a bug. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
};

const shortestToken = 16;

async function readToken({ file, env }: SentinelRun): Promise<string> {
  const token = await resolveSecret(file.token, env, (path) => readFile(path, 'utf8'));
  if (token.length >= shortestToken) return token;
  throw new PortError(
    'Rejected',
    `secret ${file.token}: the token has ${token.length} characters, and at least ${shortestToken} are needed: openssl rand -hex 32.`,
  );
}

async function listen(app: { readonly fetch: Parameters<typeof serve>[0]['fetch'] }, host: string, port: number) {
  const server = serve({ fetch: app.fetch, hostname: host, port, createServer });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: Error) =>
      reject(
        new PortError(
          'Rejected',
          `The sentinel cannot listen on ${host}:${port}: ${error.message}. Name another --port.`,
          {
            cause: error,
          },
        ),
      ),
    );
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

/** Guards the targets of one file until stopped: leases of before at once, then whoever asks for one. */
export async function runSentinel(run: SentinelRun): Promise<RunningSentinel> {
  const { file, log, clocks = realClocks } = run;
  const token = await readToken(run);
  const stateFile = openStateFile(file.stateFile, clocks);
  const { records, setAside } = await stateFile.load();
  if (setAside !== undefined)
    log.error(
      { setAside },
      'the state file could not be understood and was put aside: nothing is guarded until a worker renews',
    );
  const guards = new Map<string, TargetGuard>();
  const status = (): SentinelStatus => ({
    targets: Object.fromEntries([...guards].map(([target, guard]) => [target, guard.status()] as const)),
  });
  const metrics = createSentinelMetrics(status);
  const save = (): Promise<void> =>
    stateFile.save(() => {
      const present = [...guards].flatMap(([target, guard]) => {
        const record = guard.record();
        return record === undefined ? [] : [[target, record] as const];
      });
      // What another file names is kept for when it is guarded again.
      return { ...records, ...Object.fromEntries(present) };
    });
  // A disk that cannot be written is said before any release counts on it.
  await save();
  for (const [target, place] of Object.entries(file.targets))
    guards.set(
      target,
      guardTarget({
        target,
        proxies: proxiesOf(place),
        kept: records[target],
        nowMs: clocks.monotonicMs,
        log,
        save,
        onWritten: (why) => metrics.written(target, why),
        onExpired: () => metrics.expired(target),
      }),
    );
  const stopGuards = async (): Promise<void> => {
    await Promise.all([...guards.values()].map((guard) => guard.stop()));
  };
  const done = Promise.all([...guards.values()].map(({ failed }) => failed)).then(() => undefined);
  done.catch(() => undefined);
  const server = await listen(createSentinelApp({ token, guards, status, metrics, log }), run.host, run.port).catch(
    async (error: unknown) => {
      await stopGuards();
      throw error;
    },
  );
  log.info({ url: server.url, targets: [...guards.keys()] }, 'the sentinel guards');
  return {
    url: server.url,
    done,
    async stop() {
      const held = [...guards].filter(([, guard]) => guard.record()?.state === 'held').map(([target]) => target);
      if (held.length > 0) log.warn({ held }, 'the sentinel stops while leases are held: nobody guards them now');
      await server.close();
      await stopGuards();
      await save();
      log.info('the sentinel has stopped');
    },
  };
}
