import type { Session } from '../../postgres/session';

/** Rows of more bytes than this are left out: a sample must stay small. */
const mostRowBytes = 65_536;

type SampledTable = { readonly name: string; readonly columns: string };
export type Sample = { readonly table: SampledTable; readonly rows: string };

const tablesSql = `
  select format('%I.%I', n.nspname, c.relname) as name,
         (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = any ($1::text[]) and c.relkind = 'r' and has_table_privilege(c.oid, 'select')
   order by c.oid`;

/** Up to `count` rows of every table of the schemas, as JSON that stays between the two sessions. */
export async function readSample(
  source: Session,
  schemas: readonly string[],
  limits: { readonly count: number; readonly timeoutMs: number },
): Promise<readonly Sample[]> {
  const { rows: tables } = await source.query<SampledTable>(tablesSql, { values: [schemas] });
  const samples: Sample[] = [];
  for (const table of tables.filter(({ columns }) => columns !== null)) {
    const { rows } = await source.query<{ rows: string | null }>(
      `select jsonb_agg(to_jsonb(r))::text as rows from
         (select t.* from only ${table.name} t where pg_column_size(t.*) <= ${mostRowBytes} limit $1) r`,
      { values: [limits.count], timeoutMs: limits.timeoutMs },
    );
    const found = rows[0]?.rows;
    if (found !== null && found !== undefined) samples.push({ table, rows: found });
  }
  return samples;
}

/** Writes samples into the copy, before references are there; partitions take their rows as tables of their own. */
export async function writeSample(copy: Session, samples: readonly Sample[], timeoutMs: number): Promise<void> {
  for (const { table, rows } of samples)
    await copy.query(
      `insert into ${table.name} (${table.columns}) overriding system value
       select ${table.columns} from jsonb_populate_recordset(null::${table.name}, $1::jsonb)`,
      { values: [rows], timeoutMs },
    );
}

type Reference = { readonly delete: string };

// A row that refers to one outside the sample would break the reference that is made next.
const referencesSql = `
  select format('delete from %s c where %s and not exists (select from %s p where %s)', k.conrelid::regclass,
           string_agg(format('c.%I is not null', f.attname), ' and '), k.confrelid::regclass,
           string_agg(format('p.%I = c.%I', p.attname, f.attname), ' and ')) as delete
    from pg_constraint k cross join lateral unnest(k.conkey, k.confkey) as pair(child, parent)
    join pg_attribute f on f.attrelid = k.conrelid and f.attnum = pair.child
    join pg_attribute p on p.attrelid = k.confrelid and p.attnum = pair.parent
   where k.contype = 'f' and k.conparentid = 0 group by k.oid, k.conrelid, k.confrelid`;

/** The statements that take rows without their parents out of a copy; read where the references are. */
export const readOrphanDeletes = async (source: Session): Promise<readonly string[]> =>
  (await source.query<Reference>(referencesSql)).rows.map((row) => row.delete);

/** Takes out rows without their parents, until there is none: each one may be a parent itself. */
export async function deleteOrphans(copy: Session, deletes: readonly string[]): Promise<void> {
  for (;;) {
    let count = 0;
    for (const sql of deletes) count += (await copy.query(sql)).rowCount ?? 0;
    if (count === 0) return;
  }
}
