import type { ColumnGrant, ColumnIndex } from '../../core/migration-writer/change';
import type { TableName } from '../../core/migration-writer/names';
import { describeDatabase } from './address';
import { toPortError } from './errors';
import { withSession } from './session';

/** What the catalogue says of a column that is to get another form. */
export type ColumnFacts = {
  readonly type: string;
  readonly isRequired: boolean;
  readonly byDefault?: string;
  /** Another column, never null and with a unique index of its own. */
  readonly key?: string;
  readonly grants: readonly ColumnGrant[];
  /** Those that can be written down as columns alone, with what the server calls each. */
  readonly indexes: readonly (ColumnIndex & { readonly called: string })[];
  /** What makes it no column to change in this way, e.g. `it is generated`. */
  readonly unfit?: string;
  /** Indexes, views, constraints and the like that are made of it. */
  readonly dependents: readonly string[];
  readonly publications: readonly string[];
};

type Row = {
  readonly type: string;
  readonly is_required: boolean;
  readonly by_default: string | null;
  readonly key: string | null;
  readonly unfit: string | null;
  readonly grants: readonly ColumnGrant[];
  readonly indexes: ColumnFacts['indexes'];
  readonly dependents: readonly string[];
  readonly publications: readonly string[];
};

const query = `
  select format_type(a.atttypid, a.atttypmod) || coalesce((
      select format(' collate %I.%I', n.nspname, co.collname)
      from pg_collation co join pg_namespace n on n.oid = co.collnamespace
      where co.oid = a.attcollation and a.attcollation <> t.typcollation), '') as type,
    a.attnotnull as is_required,
    pg_get_expr(d.adbin, d.adrelid) as by_default,
    (select k.attname::text from pg_index i
      join pg_attribute k on k.attrelid = i.indrelid and k.attnum = i.indkey[0]
      where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indnkeyatts = 1
        and i.indpred is null and i.indexprs is null and k.attnotnull and k.attnum <> a.attnum
      order by i.indisprimary desc, k.attnum limit 1) as key,
    case
      when c.relkind not in ('r', 'p') then 'it is no column of a table'
      when a.attidentity <> '' then 'it is an identity'
      when a.attgenerated <> '' then 'it is generated'
      when a.attinhcount > 0 then 'it is inherited; change it in the parent table'
      when exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey))
        then 'it is in the primary key'
      when exists (select from pg_partitioned_table p where p.partrelid = c.oid and a.attnum = any (p.partattrs))
        then 'the table is partitioned by it'
    end as unfit,
    coalesce((select json_agg(json_build_object('privilege', lower(g.privilege_type),
        'role', case g.grantee when 0 then 'public' else quote_ident(r.rolname) end)
        order by g.privilege_type, r.rolname)
      from aclexplode(a.attacl) g left join pg_roles r on r.oid = g.grantee), '[]') as grants,
    coalesce((select json_agg(json_build_object('method', m.amname, 'isUnique', i.indisunique,
        'called', pg_describe_object('pg_class'::regclass, x.oid, 0),
        'columns', (select json_agg(k.attname order by u.at) from unnest(i.indkey) with ordinality u (number, at)
          join pg_attribute k on k.attrelid = c.oid and k.attnum = u.number)) order by x.relname)
      from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
      where i.indrelid = c.oid and c.relkind = 'r' and a.attnum = any (i.indkey) and i.indisvalid and not i.indisexclusion
        and i.indpred is null and i.indexprs is null and i.indnkeyatts = i.indnatts and i.indoption::text ~ '^[0 ]*$'
        and not exists (select from unnest(i.indclass) o (oid) join pg_opclass p on p.oid = o.oid
          where not p.opcdefault)), '[]') as indexes,
    coalesce((select json_agg(distinct pg_describe_object(p.classid, p.objid, p.objsubid))
      from pg_depend p
      where p.refclassid = 'pg_class'::regclass and p.refobjid = c.oid and p.refobjsubid = a.attnum
        and p.classid <> 'pg_attrdef'::regclass
        and not exists (select from pg_constraint n
          where p.classid = 'pg_constraint'::regclass and n.oid = p.objid and n.contype = 'n')), '[]') as dependents,
    coalesce((select json_agg(pubname order by pubname) from pg_publication_tables
      where schemaname = s.nspname and tablename = c.relname), '[]') as publications
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace s on s.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where s.nspname = $1 and c.relname = $2 and a.attname = $3 and a.attnum > 0 and not a.attisdropped`;

/**
 * Reads one column from the catalogue; undefined where there is no such column.
 * @throws PortError when the database cannot be asked
 */
export async function readColumn(dsn: string, table: TableName, column: string): Promise<ColumnFacts | undefined> {
  try {
    return await withSession(dsn, 'spillway', async (session) => {
      // Types and defaults come back with the schema they live in, as the written files need them.
      await session.query("select set_config('search_path', 'pg_catalog', false)");
      const { rows } = await session.query<Row>(query, { values: [table.schema, table.name, column] });
      return rows[0] === undefined ? undefined : toFacts(rows[0]);
    });
  } catch (error) {
    throw toPortError(error, { what: 'reading the column', target: describeDatabase('database', dsn) });
  }
}

const toFacts = ({ type, is_required, by_default, key, unfit, ...same }: Row): ColumnFacts => ({
  type,
  isRequired: is_required,
  ...(by_default === null ? {} : { byDefault: by_default }),
  ...(key === null ? {} : { key }),
  ...(unfit === null ? {} : { unfit }),
  ...same,
});
