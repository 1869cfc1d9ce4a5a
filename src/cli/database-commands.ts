import type { Command } from 'commander';
import { withJson } from './command-options';
import type { DatabaseOptions } from './kept';
import type { Program } from './program';

const withDatabase = (command: Command): Command =>
  withJson(command)
    .option('--environment-file <file>', 'environment whose database is meant; environment.yaml when left out')
    .option('--target <name>', 'its target; the only PostgreSQL one when left out');

/** Commands that speak to a migrated database itself, with Temporal and every worker down. */
export function addDatabaseCommands({ command, groups, run }: Program): void {
  withDatabase(command.command('kept'))
    .helpGroup(groups.lookBack)
    .description('the copies of what contracts removed from a database')
    .option('--remove-expired', 'remove those that were kept for as long as their release declared')
    .action((options: DatabaseOptions & { readonly removeExpired?: boolean }) =>
      run(async (io) => (await import('./kept')).kept(io, options)),
    );
  withDatabase(command.command('restore-kept <name>'))
    .helpGroup(groups.lookBack)
    .description('bring a dropped column or table back from its copy, for rows that are still there')
    .action((name: string, options: DatabaseOptions) =>
      run(async (io) => (await import('./kept')).restoreKept(io, { ...options, name })),
    );
  withDatabase(command.command('lineage <service>'))
    .helpGroup(groups.lookBack)
    .description('which version of a service came with which migrations')
    .action((service: string, options: DatabaseOptions) =>
      run(async (io) => (await import('./kept')).lineage(io, { ...options, service })),
    );
}
