import type { Command } from 'commander';
import { formatIssue } from '../core/descriptor/issue';
import { readEnvironmentFile } from '../descriptor-files/read-environment-file';
import { readPolicyFile } from '../descriptor-files/read-policy-file';
import { runWorker, WorkerStartError } from '../run-worker';

type WorkerOptions = {
  readonly environment: string;
  readonly policy: string;
  readonly address?: string;
  readonly namespace?: string;
  readonly profile?: string;
  readonly host: string;
  readonly port: string;
  readonly grace: string;
  readonly cachedReleases: string;
  readonly effects: string;
};

const exit = { ok: 0, internal: 1, invalid: 2 } as const;

const isWhole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;

async function work(options: WorkerOptions): Promise<number> {
  const environment = await readEnvironmentFile(options.environment);
  const policy = await readPolicyFile(options.policy);
  const issues = [environment, policy].flatMap((parsed) => (parsed.ok ? [] : parsed.issues));
  for (const issue of issues) process.stderr.write(`${formatIssue(issue)}\n`);
  if (!environment.ok || !policy.ok) return exit.invalid;
  const [cachedReleases, effectSlots] = [Number(options.cachedReleases), Number(options.effects)];
  if (!isWhole(cachedReleases, 0) || !isWhole(effectSlots, 1)) {
    process.stderr.write(
      'spillway worker: --cached-releases is a whole number, 0 keeps none; --effects is one from 1\n',
    );
    return exit.invalid;
  }
  const { profile, address, namespace } = options;
  const worker = await runWorker({
    environment: environment.value,
    policy: policy.value,
    connection: { profile, address, namespace },
    host: options.host,
    port: Number(options.port),
    shutdownGraceMs: Number(options.grace) * 1_000,
    cachedReleases,
    effectSlots,
    env: process.env,
  });
  process.stderr.write(`worker of ${environment.value.name}: ${worker.url}/healthz, /readyz, /metrics\n`);
  const stop = (): void => void worker.stop();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await worker.done;
  await worker.stop();
  return exit.ok;
}

/** `spillway worker`: the production worker of one environment. */
export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('run the worker of one environment')
    .requiredOption('--environment <file>', 'environment file')
    .requiredOption('--policy <file>', 'policy file')
    .option('--address <host:port>', 'Temporal server')
    .option('--namespace <name>', 'Temporal namespace')
    .option('--profile <name>', "profile of Temporal's own configuration file")
    .option('--host <address>', 'where health, readiness and metrics are served', '127.0.0.1')
    .option('--port <number>', 'port of health, readiness and metrics; 0 picks a free one', '0')
    .option('--cached-releases <number>', 'open releases kept in memory, some 550 kB each', '1000')
    .option('--effects <number>', 'changes made at the same time; a rollback never waits for them', '100')
    .option('--grace <seconds>', 'how long running activities may finish at the end', '10')
    .action(async (options: WorkerOptions) => {
      try {
        process.exitCode = await work(options);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const isKnown = error instanceof WorkerStartError || error.name === 'PortError';
        process.stderr.write(`spillway worker: ${isKnown ? error.message : (error.stack ?? error.message)}\n`);
        // Half a worker must not live on: what it had begun is given to another one.
        process.exit(exit.internal);
      }
    });
}
