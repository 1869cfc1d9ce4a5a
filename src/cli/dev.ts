import path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { processIo } from './process-io';

type Options = { readonly load: number; readonly directory?: string };

const mostRequestsPerSecond = 2_000;

function parseLoad(text: string): number {
  const rate = Number(text);
  if (Number.isInteger(rate) && rate >= 0 && rate <= mostRequestsPerSecond && text.trim() !== '') return rate;
  throw new InvalidArgumentError(`say a whole number from 0 to ${mostRequestsPerSecond}.`);
}

/** `spillway dev`: the embedded stack, the shop and a worker, kept up for one's own trials. */
export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .description('keep the embedded stack, the sample shop and a worker up until Ctrl-C')
    .option('--load <requests/s>', 'requests sent to the shop all the time; 0 sends none', parseLoad, 200)
    .option('--directory <path>', 'keep the example descriptors here; they go with the rest when left out')
    .action(async ({ load, directory }: Options) => {
      // Only here, because the stack takes a moment to load and `--help` must not wait for it.
      const { runDev } = await import('../demo/run-dev');
      process.exitCode = await runDev(processIo(), {
        requestsPerSecond: load,
        directory: directory === undefined ? undefined : path.resolve(directory),
      });
    });
}
