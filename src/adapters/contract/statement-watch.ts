import { escapeIdentifier } from 'pg';
import type { QuietReport } from '../../core/contract/quiet';
import { ledgerSchema } from '../migrations/own-schemas';
import { sqlStateOf } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { Removed } from './removed';
import { noteCalls, type WatchKey } from './statement-calls';
import { findUnseen } from './unseen';
import { findUsing } from './used-statements';

const mostListed = 5;

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
  const unseen = await findUnseen(session);
  const lost = await noteLosses(session, key, { schema: of.schema, isUnseen: unseen !== undefined });
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
    ...(unseen === undefined ? {} : { blind: unseen }),
    ...(lost.why === undefined ? {} : { lost: lost.why }),
  };
}

type Loss = { readonly isFirst: boolean; readonly why?: string };

/** What was not seen or is forgotten since the last look may have been a reader: the time begins anew. */
async function noteLosses(
  session: Session,
  { release, migration }: WatchKey,
  { schema, isUnseen }: { readonly schema: string; readonly isUnseen: boolean },
): Promise<Loss> {
  const before = await session.query<{ is_reset: boolean; is_full: boolean; is_seen: boolean }>(
    `select q.stats_reset is distinct from i.stats_reset as is_reset, q.dealloc is distinct from i.dealloc as is_full,
            q.is_blind and not $3 as is_seen
       from ${ledgerSchema}.quiet q, ${schema}.pg_stat_statements_info i where q.release = $1 and q.migration = $2`,
    { values: [release, migration, isUnseen] },
  );
  await session.query(
    `insert into ${ledgerSchema}.quiet as q (release, migration, stats_reset, dealloc, is_blind)
     select $1, $2, stats_reset, dealloc, $3 from ${schema}.pg_stat_statements_info
     on conflict (release, migration) do update set
       since = case when q.stats_reset is distinct from excluded.stats_reset or q.dealloc is distinct from excluded.dealloc
                      or (q.is_blind and not excluded.is_blind)
                    then now() else q.since end,
       stats_reset = excluded.stats_reset, dealloc = excluded.dealloc, is_blind = excluded.is_blind`,
    { values: [release, migration, isUnseen] },
  );
  const [known] = before.rows;
  if (known === undefined) return { isFirst: true };
  if (known.is_reset) return { isFirst: false, why: 'pg_stat_statements was reset, so the time began anew' };
  if (known.is_seen) return { isFirst: false, why: 'not everybody could be seen until now, so the time began anew' };
  if (!known.is_full) return { isFirst: false };
  const why = 'pg_stat_statements forgot statements, so the time began anew; raise pg_stat_statements.max';
  return { isFirst: false, why };
}
