import { InvalidArgumentError, type Command } from 'commander';
import pino from 'pino';
import { formatIssue } from '../core/descriptor/issue';
import { readSentinelFile } from '../descriptor-files/read-sentinel-file';
import { PortError } from '../ports/errors';
import { runSentinel } from '../sentinel/run-sentinel';

type Options = { readonly file: string; readonly host: string; readonly port: number };

const exit = { ok: 0, internal: 1, invalid: 2 } as const;

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('say a port from 0 to 65535.');
}

async function guard({ file, host, port }: Options): Promise<number> {
  const parsed = await readSentinelFile(file);
  if (!parsed.ok) {
    for (const issue of parsed.issues) process.stderr.write(`${formatIssue(issue)}\n`);
    return exit.invalid;
  }
  const log = pino({ name: 'spillway-sentinel' });
  const sentinel = await runSentinel({ file: parsed.value, host, port, env: process.env, log });
  process.stderr.write(`sentinel: ${sentinel.url}/healthz, /metrics\n`);
  await new Promise<void>((resolve, reject) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    sentinel.done.catch(reject);
  });
  await sentinel.stop();
  return exit.ok;
}

/** `spillway sentinel`: guards the leases of some proxies, without Temporal and without the store. */
export function addSentinelCommand(program: Command): void {
  program
    .command('sentinel')
    .description('close the gate of some proxies when the engine is silent')
    .requiredOption('--file <file>', 'sentinel file')
    .option('--host <address>', 'where workers reach it', '127.0.0.1')
    .option('--port <number>', 'the port for that; 0 picks a free one', parsePort, 7480)
    .action(async (options: Options) => {
      try {
        process.exitCode = await guard(options);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const shown = error instanceof PortError ? error.message : (error.stack ?? error.message);
        process.stderr.write(`spillway sentinel: ${shown}\n`);
        // Half a sentinel must not look alive: its supervisor starts a whole one.
        process.exit(exit.internal);
      }
    });
}
