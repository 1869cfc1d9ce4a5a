import { ownMark } from '../../core/contract/own-mark';
import { trySchema } from '../migrations/own-schemas';
import { schemaDefinitionsSql } from '../migrations/schema-objects';
import { searchFirst, withSearchPath } from '../postgres/search-path';
import type { Session } from '../postgres/session';
import type { Copy, Source } from './keep-copy';
import type { Restore } from './restore';

/** What a test restore came to. */
export type Trial = {
  /** How many rows differ from the original's. */
  readonly rows: number;
  /** Objects that belong to the original and did not come back as they are, or came without being there. */
  readonly objects: readonly string[];
};

/** Restores beside the original by the very statements of a real restore, but for references, which would lock other tables. */
export async function tryRestore(
  session: Session,
  copy: Omit<Copy, 'restore'> & { readonly restore: Restore },
  { at, of, timeoutMs }: Source & { readonly timeoutMs: number },
): Promise<Trial> {
  const { restore, original, restored } = copy;
  const run = (sql: string) => session.query(sql, { timeoutMs });
  await run(`create schema ${trySchema}`);
  for (const sql of copy.prepare) await run(sql);
  await searchFirst(session, [trySchema, restore.schema]);
  for (const sql of [...restore.before, restore.rows, ...restore.after, ...restore.counters]) await run(sql);
  const { rows } = await session.query<{ count: string }>(
    `select ${ownMark} count(*) as count from (
       (${original} except all ${restored}) union all (${restored} except all ${original})) d`,
    { timeoutMs },
  );
  // A column alone, and a table under its hidden name, are no more than their rows.
  const isWhole = at.column === undefined && at.table === of.table;
  const objects = isWhole ? await findDifferences(session, { oid: at.oid, schema: of.schema, table: of.table }) : [];
  await run(`drop schema ${trySchema} cascade`);
  return { rows: Number(rows[0]?.count ?? 1), objects };
}

type Table = { readonly oid: string; readonly schema: string; readonly table: string };

/** Read with no schema on the path, so that every name is written out and only the schema differs. */
function findDifferences(session: Session, { oid, schema, table }: Table): Promise<readonly string[]> {
  return withSearchPath(session, 'pg_catalog', async () => {
    const { rows: names } = await session.query<{ schema: string; relation: string; parts: readonly string[] }>(
      `select format('%I', $2::text) as schema, format('%I.%I', $2::text, $3::text) as relation, array(
         select 'index ' || i.indexrelid::regclass from pg_index i where i.indrelid = $1::oid
         union all select 'sequence ' || s.oid::regclass from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
           where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = $1::oid
             and d.deptype in ('a', 'i')) as parts`,
      { values: [oid, schema, table] },
    );
    const [name] = names;
    if (name === undefined) throw new Error('a select without from gave no row');
    const isOwn = (object: string): boolean =>
      object === `table ${name.relation}` ||
      name.parts.includes(object) ||
      ['constraint', 'trigger', 'rule', 'policy'].some((kind) => object.startsWith(`${kind} ${name.relation}.`));
    const written = (text: string): string => text.replaceAll(`${trySchema}.`, `${name.schema}.`);
    const { rows } = await session.query<{ object: string; definition: string }>(schemaDefinitionsSql, {
      values: [[schema, trySchema]],
    });
    const tried = new Map<string, string>();
    const originals = new Map<string, string>();
    for (const { object, definition } of rows) {
      if (object.includes(` ${trySchema}.`)) tried.set(written(object), written(definition));
      else if (isOwn(object) && !definition.startsWith('FOREIGN KEY')) originals.set(object, definition);
    }
    const objects = [...new Set([...originals.keys(), ...tried.keys()])].sort();
    return objects.filter((object) => originals.get(object) !== tried.get(object));
  });
}
