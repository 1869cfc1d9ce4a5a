import { Argument } from 'commander';
import { withJson } from './command-options';
import type { MigrationOptions } from './migration';
import { changeKinds, type ChangeKind } from './migration-change';
import type { Program } from './program';

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** `spillway migration`: writes files and changes nothing else. */
export function addMigrationCommand({ command, groups, run }: Program): void {
  withJson(command.command('migration'))
    .helpGroup(groups.files)
    .description('write the SQL files of a change with which old and new version live together')
    .addArgument(new Argument('<action>', 'what to do').choices(['write']))
    .addArgument(new Argument('<change>', 'what happens to the column').choices(changeKinds))
    .requiredOption('--table <name>', 'table, as SQL writes it: orders, shop.orders, \'"Order Items"\'')
    .requiredOption('--column <name>', 'column that the version in service knows')
    .requiredOption('--id <id>', 'id of the migration, unique for ever in its database')
    .option('--to <name>', 'new column (rename, retype, not-null)')
    .option(
      '--into <column>',
      'new column of a split: "first text not null = split_part({name}, \' \', 1)"; repeatable',
      collect,
    )
    .option('--to-type <type>', 'new type (retype)')
    .option('--forward <expression>', 'new value, from the old {column} (retype)')
    .option('--back <expression>', 'old value, from the new {columns} (split, retype)')
    .option('--value <expression>', 'what stands for a null of the old version (not-null)')
    .option('--dsn <reference>', 'database to read the column from: env:NAME or file:PATH')
    .option('--type <type>', 'type of the old column, where no database is read')
    .option('--not-null', 'the old column is not null, where no database is read')
    .option('--default <expression>', 'its default, where no database is read')
    .option('--key <column>', 'column the backfill goes by, never null and with a unique index')
    .option('--repeated', 'write the backfill as a batch that finds open rows itself, without ranges of keys')
    .option('--dir <folder>', 'folder of the files, beside or below the descriptor', 'db')
    .option('--prefix <name>', 'what their names begin with; the id when left out')
    .option('--force', 'write over files that are there')
    .action((_action: string, change: ChangeKind, options: Omit<MigrationOptions, 'change'>) =>
      run(async (io) => (await import('./migration')).writeMigration(io, { ...options, change })),
    );
}
