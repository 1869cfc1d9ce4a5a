import type { LockMode } from '../../core/plan/sql-report';
import { stronger } from '../../sql/lock-words';
import { locksOf } from '../../sql/locks';
import type { SqlStatement } from '../../sql/parse';
import { followFile } from '../../sql/story';
import { sqlStateOf } from '../postgres/errors';
import type { Session } from '../postgres/session';

/** The weakest lock that lets nobody write a row. */
const noWriters: LockMode = 'SHARE ROW EXCLUSIVE';

/**
 * Locks, until the running transaction ends, every table that the statements will change, at once as strongly as they will:
 * a lock that is raised later waits for readers who wait for it. Whoever writes one of them has ended then.
 */
export async function stopWriters(session: Session, statements: readonly SqlStatement[]): Promise<void> {
  const { story, enter, pass } = followFile(statements, []);
  const modes = new Map<string, LockMode>();
  for (const statement of statements) {
    enter(statement);
    for (const { relation, mode } of locksOf(statement, story))
      modes.set(relation, stronger(modes.get(relation) ?? noWriters, mode));
    pass(statement, []);
  }
  const { rows: tables } = await session.query<{ name: string; asked: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name, asked
       from unnest($1::text[]) with ordinality as relation(asked, place)
       join pg_class named on named.oid = to_regclass(asked)
       left join pg_index i on i.indexrelid = named.oid
       join pg_class c on c.oid = coalesce(i.indrelid, named.oid) and c.relkind in ('r', 'p')
       join pg_namespace n on n.oid = c.relnamespace
      order by place`,
    { values: [[...modes.keys()]] },
  );
  const strongest = new Map<string, LockMode>();
  for (const { name, asked } of tables)
    strongest.set(name, stronger(strongest.get(name) ?? noWriters, modes.get(asked) ?? noWriters));
  for (const [name, mode] of strongest) await lockIfAllowed(session, `lock table ${name} in ${mode} mode`);
}

/** A file may take the role that owns a table on its way; before that, the table is not ours to lock. */
async function lockIfAllowed(session: Session, lock: string): Promise<void> {
  await session.query('savepoint locking');
  try {
    await session.query(lock);
    await session.query('release savepoint locking');
  } catch (error) {
    if (sqlStateOf(error) !== '42501') throw error;
    await session.query('rollback to savepoint locking');
  }
}
