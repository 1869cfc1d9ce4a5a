import type { DroppedObject } from '../../sql/dropped-object';
import type { Session } from '../postgres/session';
import { writtenName, type Removed } from './removed';

/** The objects, by catalog and oid, that a contract file takes away itself. */
export type OwnObjects = { readonly has: (catalog: string, oid: number | null) => boolean };

type Found = { readonly catalog: string; readonly oid: number };

/** Finds each by its kind and place: another object may bear the same name. */
export async function findOwnObjects(
  session: Session,
  { removed, dropped }: { readonly removed: readonly Removed[]; readonly dropped: readonly DroppedObject[] },
): Promise<OwnObjects> {
  const found = new Set<string>();
  const note = (rows: readonly Found[]): void =>
    rows.forEach(({ catalog, oid }) => void found.add(`${catalog} ${oid}`));
  for (const { oid, attnum } of removed) {
    const { rows } = await session.query<Found>(
      `select 'pg_class' as catalog, $1::oid as oid where $2::int = 0
       union all select 'pg_attrdef', oid from pg_attrdef where adrelid = $1::oid and adnum = $2`,
      { values: [oid, attnum] },
    );
    note(rows);
  }
  for (const object of dropped) {
    const [sql, values] = lookUp(object);
    note((await session.query<Found>(sql, { values })).rows);
  }
  return { has: (catalog, oid) => found.has(`${catalog} ${oid}`) };
}

function lookUp(object: DroppedObject): readonly [sql: string, values: readonly string[]] {
  switch (object.kind) {
    case 'relation':
      return [`select 'pg_class' as catalog, oid from pg_class where oid = to_regclass($1)`, [writtenName(object)]];
    case 'function':
      return object.types === undefined
        ? [`select 'pg_proc' as catalog, oid from pg_proc where oid = to_regproc($1)`, [writtenName(object)]]
        : [
            `select 'pg_proc' as catalog, oid from pg_proc where oid = to_regprocedure($1)`,
            [`${writtenName(object)}(${object.types.join(', ')})`],
          ];
    case 'publication':
      return [`select 'pg_publication' as catalog, oid from pg_publication where pubname = $1`, [object.name]];
    case 'trigger':
      return [
        `select 'pg_trigger' as catalog, oid from pg_trigger where tgrelid = to_regclass($1) and tgname = $2`,
        [writtenName(object.on), object.name],
      ];
    case 'policy':
      return [
        `select 'pg_policy' as catalog, oid from pg_policy where polrelid = to_regclass($1) and polname = $2`,
        [writtenName(object.on), object.name],
      ];
    case 'constraint':
      return [
        `select 'pg_constraint' as catalog, oid from pg_constraint where conrelid = to_regclass($1) and conname = $2`,
        [writtenName(object.on), object.name],
      ];
  }
}
