import { escapeIdentifier } from 'pg';
import { seemsToTouch, touches } from '../../core/contract/touches';
import type { QuietReport, Reader } from '../../core/contract/quiet';
import { parseTree } from '../../sql/parser';
import { ledgerSchema } from '../migrations/ledger-table';
import { sqlStateOf } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { Removed } from './removed';

/** Stands inside the statements of contracts themselves: they are no readers of the old form. */
const ownMark = '/* spillway contract */';

const mostListed = 5;
const longestText = 140;

type Seen = { readonly statement: string; readonly role: string; readonly query: string; readonly calls: number };
type Known = { readonly first: number; readonly calls: number; readonly grownAt: string | null };
export type WatchKey = { readonly release: string; readonly migration: string };
type Statements = Pick<QuietReport, 'readers' | 'quietMs' | 'blind' | 'lost' | 'unlisted'>;

const blind = (why: string): Statements => ({ readers: [], unlisted: 0, blind: why });

/** Who has used what is to be removed since the first look, by the calls that `pg_stat_statements` counts. */
export async function watchStatements(
  session: Session,
  key: WatchKey,
  of: { readonly removed: readonly Removed[]; readonly roles: { readonly [role: string]: string } },
): Promise<Statements> {
  const place = await session.query<{ schema: string }>(
    `select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'pg_stat_statements'`,
  );
  const [extension] = place.rows;
  if (extension === undefined)
    return blind(
      'nobody can be seen: the database has no pg_stat_statements. Add it to shared_preload_libraries, restart the server and ' +
        'run `create extension pg_stat_statements` there',
    );
  const schema = escapeIdentifier(extension.schema);
  await session.query('savepoint look');
  try {
    return await compare(session, key, { ...of, schema });
  } catch (error) {
    await session.query('rollback to savepoint look');
    if (sqlStateOf(error) === '55000')
      return blind(
        'nobody can be seen: pg_stat_statements is not in shared_preload_libraries. Add it and restart the server',
      );
    if (sqlStateOf(error) === '42501')
      return blind('nobody can be seen: the user may not read pg_stat_statements. Grant it pg_read_all_stats');
    throw error;
  }
}

async function compare(
  session: Session,
  key: WatchKey,
  of: {
    readonly removed: readonly Removed[];
    readonly roles: { readonly [role: string]: string };
    readonly schema: string;
  },
): Promise<Statements> {
  const hidden = await session.query<{ is_hidden: boolean }>(
    `select exists (select from ${of.schema}.pg_stat_statements where query = '<insufficient privilege>'
       and dbid = (select oid from pg_database where datname = current_database())) as is_hidden`,
  );
  if (hidden.rows[0]?.is_hidden === true)
    return blind('statements of other roles cannot be seen. Grant the user of the target pg_read_all_stats');
  const lost = await noteLosses(session, key, of.schema);
  const using = await findUsing(session, of);
  const readers = await noteCalls(session, key, { using, isFirst: lost.isFirst, roles: of.roles });
  const { rows } = await session.query<{ quiet_ms: string }>(
    `update ${ledgerSchema}.quiet q set since = greatest(since, coalesce((
         select max(grown_at) from ${ledgerSchema}.statement_calls s
          where s.release = q.release and s.migration = q.migration), since))
      where release = $1 and migration = $2
      returning round(extract(epoch from now() - since) * 1000)::bigint as quiet_ms`,
    { values: [key.release, key.migration] },
  );
  return {
    readers: readers.slice(0, mostListed),
    unlisted: Math.max(0, readers.length - mostListed),
    quietMs: Number(rows[0]?.quiet_ms ?? 0),
    ...(lost.why === undefined ? {} : { lost: lost.why }),
  };
}

/** What the extension forgot since the last look may have been a reader: the time begins anew. */
async function noteLosses(
  session: Session,
  { release, migration }: WatchKey,
  schema: string,
): Promise<{ readonly isFirst: boolean; readonly why?: string }> {
  const before = await session.query<{ is_reset: boolean; is_full: boolean }>(
    `select q.stats_reset is distinct from i.stats_reset as is_reset, q.dealloc is distinct from i.dealloc as is_full
       from ${ledgerSchema}.quiet q, ${schema}.pg_stat_statements_info i where q.release = $1 and q.migration = $2`,
    { values: [release, migration] },
  );
  const [known] = before.rows;
  await session.query(
    `insert into ${ledgerSchema}.quiet as q (release, migration, stats_reset, dealloc)
     select $1, $2, stats_reset, dealloc from ${schema}.pg_stat_statements_info
     on conflict (release, migration) do update set
       since = case when q.stats_reset is distinct from excluded.stats_reset or q.dealloc is distinct from excluded.dealloc
                    then now() else q.since end,
       stats_reset = excluded.stats_reset, dealloc = excluded.dealloc`,
    { values: [release, migration] },
  );
  if (known === undefined) return { isFirst: true };
  if (known.is_reset) return { isFirst: false, why: 'pg_stat_statements was reset, so the time began anew' };
  return known.is_full
    ? {
        isFirst: false,
        why: 'pg_stat_statements forgot statements, so the time began anew; raise pg_stat_statements.max',
      }
    : { isFirst: false };
}

async function findUsing(
  session: Session,
  { removed, roles, schema }: { readonly removed: readonly Removed[]; readonly roles: object; readonly schema: string },
): Promise<readonly Seen[]> {
  const { rows } = await session.query<{ statement: string; role: string; query: string; calls: string }>(
    `select concat_ws('/', queryid, userid, toplevel) as statement, pg_get_userbyid(userid) as role, query, calls
       from ${schema}.pg_stat_statements
      where dbid = (select oid from pg_database where datname = current_database())
        and strpos(query, $1) = 0
        and exists (select from unnest($2::text[]) t where strpos(lower(query), lower(t)) > 0)
        and not ($3 and pg_get_userbyid(userid) = current_user)`,
    {
      values: [
        ownMark,
        removed.map(({ table }) => table),
        // Where every version has a role, what the engine's own role asks is the engine's.
        Object.keys(roles).length > 0 && !(await isVersionRole(session, roles)),
      ],
    },
  );
  const using: Seen[] = [];
  for (const { query, calls, ...seen } of rows) {
    const parsed = await parseTree(query);
    const isUsed = removed.some((each) => (parsed.ok ? touches(parsed.tree, each) : seemsToTouch(query, each)));
    if (isUsed) using.push({ ...seen, query, calls: Number(calls) });
  }
  return using;
}

async function isVersionRole(session: Session, roles: object): Promise<boolean> {
  const { rows } = await session.query<{ name: string }>('select current_user::text as name');
  return rows.some(({ name }) => Object.hasOwn(roles, name));
}

async function noteCalls(
  session: Session,
  { release, migration }: WatchKey,
  {
    using,
    isFirst,
    roles,
  }: {
    readonly using: readonly Seen[];
    readonly isFirst: boolean;
    readonly roles: { readonly [role: string]: string };
  },
): Promise<readonly Reader[]> {
  const values = using.map(({ statement, calls }) => ({ statement, calls }));
  const { rows } = await session.query<{
    statement: string;
    first_calls: string;
    calls: string;
    grown_at: Date | null;
  }>(
    `insert into ${ledgerSchema}.statement_calls as s (release, migration, statement, first_calls, calls, grown_at)
     select $1, $2, v.statement, case when $4 then v.calls else 0 end, v.calls, case when $4 then null else now() end
       from jsonb_to_recordset($3::jsonb) as v (statement text, calls bigint)
     on conflict (release, migration, statement) do update set
       grown_at = case when s.calls = excluded.calls then s.grown_at else now() end,
       first_calls = least(s.first_calls, excluded.calls),
       calls = excluded.calls
     returning statement, first_calls, calls, grown_at`,
    { values: [release, migration, JSON.stringify(values), isFirst] },
  );
  const known = new Map<string, Known>(
    rows.map(({ statement, first_calls, calls, grown_at }) => [
      statement,
      { first: Number(first_calls), calls: Number(calls), grownAt: grown_at?.toISOString() ?? null },
    ]),
  );
  return using
    .flatMap(({ statement, role, query }): readonly Reader[] => {
      const now = known.get(statement);
      if (now === undefined || now.grownAt === null) return [];
      const slot = roles[role];
      return [
        {
          role,
          ...(slot === undefined ? {} : { slot }),
          digest: statement.split('/')[0] ?? '',
          text: withoutLiterals(query),
          calls: now.calls - now.first,
          lastSeenAt: now.grownAt,
        },
      ];
    })
    .sort((a, b) => (a.lastSeenAt < b.lastSeenAt ? 1 : -1));
}

/** Values of rows never leave the database; the extension keeps those of some statements. */
function withoutLiterals(query: string): string {
  const plain = query
    .replaceAll(/\$(\w*)\$[^]*?\$\1\$/g, '?')
    .replaceAll(/'(?:[^']|'')*'/g, '?')
    .replaceAll(/(?<![\w$.])\d+(?:\.\d+)?/g, '?')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.length > longestText ? `${plain.slice(0, longestText)}…` : plain;
}
