import { ownMark } from '../../core/contract/own-mark';
import { parseTree } from '../../sql/parser';
import { seemsToTouch, touches } from '../../sql/touches';
import type { Session } from '../postgres/session';
import type { Removed } from './removed';

/** One statement that `pg_stat_statements` counts for one role. */
export type Seen = {
  readonly statement: string;
  readonly role: string;
  readonly query: string;
  readonly calls: number;
};

/** The statements that use what is to be removed, whenever they ran. */
export async function findUsing(
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
