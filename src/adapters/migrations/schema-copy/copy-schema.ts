import type { SchemaSnapshot } from '../../../ports/migrations';
import { withSession, type Session } from '../../postgres/session';
import { readSchemaObjects, readSchemaSnapshot } from '../schema-snapshot';
import { limitTransaction } from '../sql-file';
import { readSchemaDdl, type SchemaDdl } from './read-ddl';
import { runDdl, type Uncopied } from './run-ddl';
import { deleteOrphans, readOrphanDeletes, readSample, writeSample, type Sample } from './sample-rows';

export type CopyOptions = {
  readonly sourceDsn: string;
  readonly copyDsn: string;
  /** The schemas that must be equal; all others are copied as far as they can be. */
  readonly schemas: readonly string[];
  /** Rows of each table to take along; 0 for none. */
  readonly sampleRows: number;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
};

export type SchemaCopy = {
  /** Objects of `schemas` that are not in the copy as they are in the source, with why where that is known. */
  readonly unequal: readonly string[];
  /** Objects anywhere that could not be made. */
  readonly uncopied: readonly Uncopied[];
};

type Source = {
  readonly ddl: SchemaDdl;
  readonly snapshot: SchemaSnapshot;
  readonly samples: readonly Sample[];
  readonly orphans: readonly string[];
  readonly settings: readonly string[];
  readonly searchPath: string;
};

/** Makes the schema of one database in another, empty one, and compares the two as the proof of a rollback does. */
export async function copySchema(options: CopyOptions): Promise<SchemaCopy> {
  const source = await withSession(options.sourceDsn, 'spillway schema copy', (session) =>
    readSource(session, options),
  );
  return withSession(options.copyDsn, 'spillway schema copy', async (session) => {
    const uncopied = await session.transaction(() => writeCopy(session, source, options));
    for (const setting of source.settings) await session.query(setting);
    const copy = await readSchemaSnapshot(session, options.schemas, options.statementTimeoutMs);
    return { unequal: compare(source.snapshot, copy, uncopied), uncopied };
  });
}

/** Everything in one view of the catalogues, so that a change meanwhile cannot make the copy look wrong. */
function readSource(session: Session, options: CopyOptions): Promise<Source> {
  const { schemas, sampleRows, statementTimeoutMs: timeoutMs } = options;
  return session.transaction(async () => {
    await limitTransaction(session, options);
    const settings = await readSettings(session);
    const { rows } = await session.query<{ path: string }>("select current_setting('search_path') as path");
    await session.query("select set_config('search_path', 'pg_catalog', true)");
    return {
      settings,
      searchPath: rows[0]?.path ?? '',
      ddl: await readSchemaDdl(session, timeoutMs),
      snapshot: await readSchemaObjects(session, schemas, timeoutMs),
      samples: sampleRows === 0 ? [] : await readSample(session, schemas, { count: sampleRows, timeoutMs }),
      orphans: sampleRows === 0 ? [] : await readOrphanDeletes(session),
    };
  }, 'isolation level repeatable read read only');
}

/** Settings of the database and of the user in it, such as a search path that migrations count on. */
async function readSettings(session: Session): Promise<readonly string[]> {
  const { rows } = await session.query<{ role: boolean; name: string; value: string }>(
    `select s.setrole <> 0 as role, split_part(e, '=', 1) as name, substr(e, strpos(e, '=') + 1) as value
       from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) e
      where d.datname = current_database() and s.setrole in (0, (select oid from pg_roles where rolname = current_user))
      order by s.setrole`,
  );
  return rows.map(
    ({ role, name, value }) =>
      `do $$ begin execute format('alter ${role ? 'role %1$I in database' : 'database'} %2$I set %3$s to %4$s', ` +
      `current_user, current_database(), ${literal(name)}, ${listLiteral(name, value)}); end $$`,
  );
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Lists of names are stored as they are written, any other value as plain text. */
const listLiteral = (name: string, value: string): string =>
  literal(/^(search_path|temp_tablespaces|\w+_preload_libraries)$/.test(name) ? value : literal(value));

async function writeCopy(session: Session, source: Source, options: CopyOptions): Promise<readonly Uncopied[]> {
  const timeoutMs = options.statementTimeoutMs;
  await limitTransaction(session, options);
  await session.query(
    "select set_config('search_path', 'pg_catalog', true), set_config('check_function_bodies', 'off', true)",
  );
  const open = await runDdl(session, source.ddl.tables, timeoutMs);
  await writeSample(session, source.samples, timeoutMs);
  await deleteOrphans(session, source.orphans);
  const uncopied = await runDdl(session, [...open, ...source.ddl.rules], timeoutMs);
  if (uncopied.length === 0) return [];
  // The text of a function may count on the user's search path, which every other definition does without.
  await session.query("select set_config('search_path', $1, true)", { values: [source.searchPath] });
  return runDdl(session, uncopied, timeoutMs);
}

function compare(source: SchemaSnapshot, copy: SchemaSnapshot, uncopied: readonly Uncopied[]): readonly string[] {
  const objects = [...new Set([...Object.keys(source), ...Object.keys(copy)])].sort();
  return objects.flatMap((object) => {
    if (source[object] === copy[object]) return [];
    const why = uncopied.find((each) => each.object === object);
    return [why === undefined ? object : `${object} (SQLSTATE ${why.sqlState})`];
  });
}
