import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readColumn, type ColumnFacts } from '../adapters/postgres/read-column';
import { resolveSecret } from '../adapters/secrets';
import type { Change } from '../core/migration-writer/change';
import { migrationEntry, migrationFiles, type WrittenFile } from '../core/migration-writer/files';
import { inComment, readColumnName, readTableName } from '../core/migration-writer/names';
import { ChangeRefusal } from '../core/migration-writer/refusal';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import { readChange, type ChangeKind, type ChangeOptions } from './migration-change';

export type MigrationOptions = ChangeOptions & {
  readonly change: ChangeKind;
  readonly dir: string;
  readonly prefix?: string | undefined;
  readonly dsn?: string | undefined;
  readonly force?: boolean | undefined;
  readonly json?: boolean | undefined;
};

/** The column as the database knows it; undefined where nobody named a database. */
async function factsOf(io: Io, { dsn, table, column }: MigrationOptions): Promise<ColumnFacts | undefined> {
  if (dsn === undefined) return undefined;
  const [place, name] = [readTableName(table), readColumnName(column)];
  const secret = await resolveSecret(dsn, io.env, (file) => readFile(file, 'utf8'));
  const facts = await readColumn(secret, place, name);
  const what = inComment(`Column ${name} of ${place.schema}.${place.name}`);
  if (facts === undefined)
    throw new ChangeRefusal('column-unknown', `${what} is not in the database; correct --table and --column.`);
  if (facts.unfit !== undefined)
    throw new ChangeRefusal(
      'column-unfit',
      `${what} cannot be changed in this way: ${facts.unfit}. Write this migration by hand.`,
    );
  return facts;
}

/** What the database has and the files do not bring about. */
function notesOf(change: Change, facts: ColumnFacts | undefined): readonly string[] {
  const { old, key } = change;
  // What a split is found by, people decide.
  const built = change.fresh.length > 1 ? [] : (facts?.indexes ?? []).map(({ called }) => called);
  const left = (facts?.dependents ?? []).filter((each) => !built.includes(each));
  const news = change.fresh.map(({ name }) => name).join(', ');
  return [
    ...(facts === undefined
      ? ['Nobody read the database: compare type, default and privileges of the column, and what is made of it.']
      : []),
    ...(left.length === 0
      ? []
      : [
          `Made of ${old.name}, and yours to make of ${news}: ${left.join('; ')}. Contract is refused by the database while a view or another table still needs ${old.name}.`,
        ]),
    ...(facts === undefined || facts.publications.length === 0
      ? []
      : [`Published by ${facts.publications.join(', ')}: add ${news} at the subscribers first, or they stop.`]),
    ...(key === undefined
      ? [
          'No column to go by: the backfill looks for open rows again in every batch, which is slow for large tables. Name one by --key.',
        ]
      : []),
    ...(old.byDefault !== undefined && !old.isRequired
      ? [
          `A null that the new version inserts counts as nothing said, and becomes the default of ${old.name}; an update can write it.`,
        ]
      : []),
  ].map(inComment);
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function writeFiles(io: Io, files: readonly WrittenFile[], force: boolean): Promise<void> {
  const placed = files.map(({ path: name, text }) => ({ file: path.resolve(io.directory, name), name, text }));
  const present = await Promise.all(placed.map(async ({ file, name }) => ((await isThere(file)) ? [name] : [])));
  if (!force && present.flat().length > 0)
    throw new ChangeRefusal(
      'file-present',
      `${present.flat().join(', ')} ${present.flat().length === 1 ? 'is' : 'are'} there already; nothing was written. Take another --id or --prefix, or write over by --force.`,
    );
  for (const { file, text } of placed) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  }
}

/** `spillway migration write`: writes the SQL files of a change, and prints how a descriptor names them. */
export async function writeMigration(io: Io, options: MigrationOptions): Promise<number> {
  const facts = await factsOf(io, options);
  const change = readChange(options, facts);
  const folder = path.relative(io.directory, path.resolve(io.directory, options.dir));
  const prefix = path.posix.join(...folder.split(path.sep), options.prefix ?? change.id);
  const files = migrationFiles(change, prefix);
  await writeFiles(io, files, options.force === true);
  const entry = migrationEntry(change, prefix);
  const notes = notesOf(change, facts);
  if (options.json === true) printJson(io, { files: files.map(({ path: name }) => name), migration: entry, notes });
  else print(io, 'migrations:', entry.trimEnd());
  for (const { path: name } of files) say(io, `✔ ${name}`);
  for (const note of notes) say(io, `Mind: ${note}`);
  say(io, 'Next: read the files, put the lines above into the descriptor, then spillway lint.');
  return exitCodes.ok;
}
