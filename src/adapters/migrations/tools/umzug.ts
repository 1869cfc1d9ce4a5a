import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PortError } from '../../../ports/errors';
import type { MigrateEffect } from '../../../ports/migrations';
import { dsnOfDatabase } from '../../postgres/address';
import { tableExists } from '../../postgres/table-exists';
import { nameEffect } from '../ledger';
import { endOfTool, runTool, type ToolRun } from './run-tool';
import type { MigrationTool } from './tool';
import { toolDsn } from './tool-dsn';

export type UmzugOptions = {
  /** The script that calls `umzug.runAsCLI()`, e.g. `['node', 'migrate.js']`. */
  readonly command: readonly string[];
  /** Where the command runs. */
  readonly directory: string;
  /** Where its migration files are, relative to `directory`. */
  readonly migrations: string;
  /** Where its storage notes the names that are applied. */
  readonly table: string;
  readonly column: string;
  /** The variable from which the script takes the database; it may take it from nowhere else. */
  readonly urlVariable: string;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
};

const sessionName = 'spillway umzug';
const noSuchDatabase = '3D000';
/** Nobody has a database of that name. */
const nowhere = 'spillway_no_such_database';

/** Runs files of umzug by the user's own script: their code never enters the worker. */
export function createUmzug(options: UmzugOptions): MigrationTool {
  const call = (what: string, args: readonly string[], dsn: string): ToolRun => ({
    what,
    argv: [...options.command, ...args],
    directory: options.directory,
    environment: { ...options.environment, [options.urlVariable]: toolDsn(dsn, options, sessionName) },
    statementTimeoutMs: options.statementTimeoutMs,
  });
  const run = async (effect: MigrateEffect, dsn: string, verb: 'up' | 'down'): Promise<void> => {
    await refuseOtherFile(effect, options);
    await runTool(call(nameEffect(effect, `umzug ${verb}`), [verb, '--name', basename(effect.apply.path)], dsn));
  };
  return {
    name: 'umzug',
    sessionName,
    ownRelations: [`public.${options.table}`],
    check: checkUmzugFile,
    // A script that finds its way without the variable would change the real database when a copy is meant.
    whyNotTried: async ({ database }) => {
      const end = await endOfTool(call('umzug executed', ['executed', '--json'], dsnOfDatabase(database, nowhere)));
      const script = `\`${options.command.join(' ')}\``;
      const fix = 'Correct `tool` of the database in the environment.';
      if (end.ok)
        return {
          why: `${script} works with ${options.urlVariable} naming no database, so it goes to another one`,
          fix,
        };
      // Any other failure says nothing about where the script went.
      if (end.sqlState === noSuchDatabase) return undefined;
      if (end.error.code === 'TargetUnavailable') throw end.error;
      const why =
        `${script} did not fail because the database is not there when ${options.urlVariable} named ${nowhere}, ` +
        `so nobody knows where it goes (${end.error.message})`;
      return { why, fix };
    },
    isApplied: async (session, effect) => {
      const table = { schema: 'public', name: options.table };
      if (!(await tableExists(session, table))) return false;
      const { rows } = await session.query(
        `select from public.${quote(options.table)} where ${quote(options.column)} = $1`,
        { values: [basename(effect.apply.path)] },
      );
      return rows.length > 0;
    },
    up: (effect, dsn) => run(effect, dsn, 'up'),
    down: (effect, dsn) => run(effect, dsn, 'down'),
  };
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** @throws PortError `Rejected` for a part whose way back is in another file: umzug keeps both in one. */
function checkUmzugFile({ apply, undo, part, migration, target }: MigrateEffect): void {
  if ('skip' in undo || undo.sha256 === apply.sha256) return;
  const next = 'umzug keeps the way back in the same file, as `down`; name that file as the undo too';
  throw new PortError('Rejected', `${part} of ${migration} on ${target}: ${apply.path} (undo ${undo.path}): ${next}`);
}

/** What the script finds on the worker must be what the plan was made of. */
async function refuseOtherFile({ apply, target }: MigrateEffect, options: UmzugOptions): Promise<void> {
  const path = join(options.directory, options.migrations, basename(apply.path));
  const found = await readFile(path).catch(() => undefined);
  if (found !== undefined && createHash('sha256').update(found).digest('hex') === apply.sha256) return;
  const why = found === undefined ? 'is not there' : 'is another text than the one in the plan';
  throw new PortError(
    'Rejected',
    `${target}: ${path} on the worker ${why}; deploy the migrations of this version to the worker`,
  );
}
