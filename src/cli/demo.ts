import type { Command } from 'commander';
import { processIo } from './process-io';

type Options = { readonly yes?: boolean; readonly keep?: boolean };

/** `spillway demo`: a good and a bad release on the embedded stack, in front of the user's eyes. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('show a good release and a bad one on real systems on this machine')
    .option('--yes', 'answer every question with yes')
    .option('--keep', 'leave everything running afterwards, until Ctrl-C')
    .action(async ({ yes = false, keep = false }: Options) => {
      // Only here, because the stack takes a moment to load and `--help` must not wait for it.
      const { runDemo } = await import('../demo/run-demo');
      process.exitCode = await runDemo(processIo(), { yes, keep });
    });
}
