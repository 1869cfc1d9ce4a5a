import { createServer } from 'node:net';
import { DefaultLogger, Runtime, TransportError, type LogLevel } from '@temporalio/worker';
import pino from 'pino';
import type { Environment } from './core/environment/schema';
import type { Policy } from './core/policy/schema';
import { startOutboxDispatcher } from './outbox/dispatcher';
import { connectWorker, missingSearchAttributes, temporalPorts, type ConnectionSettings } from './worker-connection';
import { serveEndpoints } from './worker-endpoints';
import { createWorkflowWorker } from './workflow-worker';

export type WorkerRun = {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly connection: ConnectionSettings;
  readonly host: string;
  readonly port: number;
  readonly shutdownGraceMs: number;
  readonly cachedReleases: number;
  readonly effectSlots: number;
  readonly env: { readonly [name: string]: string | undefined };
};

export type WorkerEnding = { readonly url: string; readonly done: Promise<void>; stop(): Promise<void> };

export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}

const outboxEveryMs = 250;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const levels: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

async function connect(settings: ConnectionSettings) {
  try {
    return await connectWorker(settings);
  } catch (error) {
    if (!(error instanceof TransportError))
      throw new WorkerStartError(
        `The connection settings cannot be used: ${error instanceof Error ? error.message : String(error)}. ` +
          "Check the profile, TEMPORAL_CONFIG_FILE and the variables TEMPORAL_*, which Temporal's own command line reads too.",
        { cause: error },
      );
    throw new WorkerStartError(
      `Temporal does not answer at ${settings.address ?? process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233'}. ` +
        'Check the address, TEMPORAL_ADDRESS or the profile; `spillway dev` starts a server of its own.',
      { cause: error },
    );
  }
}

/** The production worker of one environment: queues, outbox, endpoints; ends gracefully. */
export async function runWorker(run: WorkerRun): Promise<WorkerEnding> {
  const log = pino({ name: 'spillway-worker', base: { environment: run.environment.name } });
  const metricsPort = await freePort();
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => log[levels[level]]({ ...meta }, message)),
    shutdownSignals: [],
    telemetryOptions: {
      metrics: {
        prometheus: {
          bindAddress: `127.0.0.1:${metricsPort}`,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
        },
      },
    },
  });
  const { connection, namespace, address } = await connect(run.connection);
  const { shutdownGraceMs, cachedReleases, effectSlots } = run;
  // A worker that takes over a release has no time to lose: the workflow code loads beside all that follows.
  const workflowWorker = createWorkflowWorker({
    connection,
    namespace,
    environment: run.environment.name,
    shutdownGraceMs,
    cachedReleases,
  });
  // Whoever awaits it sees the failure; until then it must not end the process unasked.
  workflowWorker.catch(() => undefined);
  const [{ composePorts }, { startWorker }] = [await import('./compose-ports'), await import('./worker')];
  const [missing, ports] = await Promise.all([
    missingSearchAttributes(connection, namespace),
    composePorts({
      environment: run.environment,
      policy: run.policy,
      env: run.env,
      temporal: temporalPorts(connection, namespace),
    }),
  ]);
  if (missing.length > 0)
    throw new WorkerStartError(
      `Namespace ${namespace} at ${address} lacks the search attributes ${missing.join(', ')}; without them every release would hang. ` +
        `Register them: ${missing.map((name) => `temporal operator search-attribute create --name ${name} --type Keyword`).join(' && ')}`,
    );
  const worker = await startWorker({ connection, namespace, ports, workflowWorker, shutdownGraceMs, effectSlots });
  const dispatcher = startOutboxDispatcher({ store: ports.store, sinks: ports.sinks, intervalMs: outboxEveryMs, log });
  const checks = async () => {
    const store = await ports.store.ping().then(
      () => ({ name: 'store', isOk: true, detail: 'answers' }),
      (error: unknown) => ({
        name: 'store',
        isOk: false,
        detail: error instanceof Error ? error.message : String(error),
      }),
    );
    const states = worker.state();
    return [{ name: 'queues', isOk: states.every((state) => state === 'RUNNING'), detail: states.join(', ') }, store];
  };
  const endpoints = await serveEndpoints(
    {
      checks,
      isAlive: () => worker.state().every((state) => state === 'RUNNING'),
      temporalMetricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    },
    run.host,
    run.port,
  );
  log.info({ url: endpoints.url, namespace, address }, 'the worker takes work');
  const end = async (): Promise<void> => {
    await endpoints.close();
    await dispatcher.stop();
    await ports.close();
    await connection.close();
  };
  let stopping: Promise<void> | undefined;
  return {
    url: endpoints.url,
    done: worker.done,
    stop: () =>
      (stopping ??= (async () => {
        log.info('the worker stops: what runs may finish, nothing new begins');
        await worker.shutdown();
        await end();
      })()),
  };
}
