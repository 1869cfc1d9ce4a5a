import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PortError } from '../../../ports/errors';
import type { MigrateEffect } from '../../../ports/migrations';
import { readDbmateWays } from '../../../sql/dbmate-file';
import { tableExists } from '../../postgres/table-exists';
import { nameEffect } from '../ledger';
import { runTool } from './run-tool';
import type { MigrationTool } from './tool';
import { toolDsn } from './tool-dsn';

export type DbmateOptions = {
  /** How dbmate is called, e.g. `['dbmate']`. */
  readonly command: readonly string[];
  /** Where dbmate notes the versions that are applied. */
  readonly table: string;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
};

/** The digits that a file of dbmate begins with: its version. */
const versionOf = (path: string): string | undefined => /^\d+/.exec(basename(path))?.[0];

const sessionName = 'spillway dbmate';

/** Runs files of dbmate, one at a time, by dbmate itself. */
export function createDbmate(options: DbmateOptions): MigrationTool {
  const run = async (effect: MigrateEffect, dsn: string, verb: 'up' | 'down'): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'spillway-dbmate-'));
    try {
      // Alone in its folder: dbmate would run every other pending file as well, and takes the latest one back.
      await writeFile(join(folder, basename(effect.apply.path)), effect.apply.sql);
      const flags = ['--migrations-dir', folder, '--migrations-table', options.table, '--no-dump-schema'];
      await runTool({
        what: nameEffect(effect, `dbmate ${verb}`),
        argv: [...options.command, ...flags, verb === 'up' ? 'migrate' : 'rollback'],
        // The DSN holds a password, and everybody may read the arguments of a process.
        environment: { ...options.environment, DATABASE_URL: toolDsn(dsn, options, sessionName) },
        statementTimeoutMs: options.statementTimeoutMs,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return {
    name: 'dbmate',
    sessionName,
    ownRelations: [options.table.includes('.') ? options.table : `public.${options.table}`],
    check: checkDbmateFile,
    isApplied: async (session, effect) => {
      const [schema, name] = options.table.includes('.') ? options.table.split('.') : ['public', options.table];
      const table = { schema: schema ?? 'public', name: name ?? options.table };
      if (!(await tableExists(session, table))) return false;
      const { rows } = await session.query(
        `select from ${quote(table.schema)}.${quote(table.name)} where version = $1`,
        {
          values: [versionOf(effect.apply.path)],
        },
      );
      return rows.length > 0;
    },
    up: (effect, dsn) => run(effect, dsn, 'up'),
    down: (effect, dsn) => run(effect, dsn, 'down'),
  };
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** @throws PortError `Rejected` for a file that dbmate does not read, or would not run or take back as a part needs it. */
function checkDbmateFile(effect: MigrateEffect): void {
  const { apply, undo, part } = effect;
  const why = whyNotDbmate(effect);
  if (why === undefined) return;
  const kind = 'path' in undo ? ` (undo ${undo.path})` : '';
  throw new PortError('Rejected', `${part} of ${effect.migration} on ${effect.target}: ${apply.path}${kind}: ${why}`);
}

function whyNotDbmate({ apply, undo }: MigrateEffect): string | undefined {
  if (versionOf(apply.path) === undefined)
    return 'dbmate wants a file whose name begins with its version in digits; rename it, such as 20240131120000_add_note.sql';
  const { up, down } = readDbmateWays(apply.sql);
  if (up === undefined) return 'it has no line `-- migrate:up`; write it as a file of dbmate';
  if (/transaction:\s*false/.test(`${up.options}${down?.options ?? ''}`))
    return 'it says `transaction:false`, so a fault in the middle would leave half of it; take that out';
  if ('skip' in undo) return undefined;
  if (undo.sha256 !== apply.sha256)
    return 'dbmate keeps the way back in the same file, below `-- migrate:down`; name that file as the undo too';
  if (down === undefined || apply.sql.slice(down.bodyAt).trim() === '')
    return 'it has nothing below `-- migrate:down`, so dbmate would call it undone and change nothing; write the way back';
  return undefined;
}
