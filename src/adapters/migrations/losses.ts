import type { SqlFile } from '../../core/plan/effects';
import type { Losses } from '../../ports/migrations';
import type { Session } from '../postgres/session';
import type { MigrationsContext } from './postgres';
import { readOnly, readOnlyWithin } from './violations';

const mostKeys = 10_000;
const prefix = 'with found as materialized (select key::text as key from (';
const suffix = `) as q(key))
  select (select count(*) from found) as rows, array(select key from found order by length(key), key limit ${mostKeys}) as keys`;

/** Counts the rows of a query of losses inside the database; only their keys are sent here. */
export const findLosses = (session: Session, context: MigrationsContext, query: SqlFile): Promise<Losses> =>
  readLosses(readOnly, session, context, query);

/** The same inside the running transaction. */
export const findLossesWithin = (session: Session, context: MigrationsContext, query: SqlFile): Promise<Losses> =>
  readLosses(readOnlyWithin, session, context, query);

async function readLosses(
  read: typeof readOnly,
  session: Session,
  context: MigrationsContext,
  query: SqlFile,
): Promise<Losses> {
  const row = await read<{ rows: string; keys: (string | null)[] }>(session, context, {
    query,
    what: 'query of losses',
    prefix,
    suffix,
  });
  return { rows: Number(row.rows), keys: row.keys.map((key) => key ?? 'null') };
}
