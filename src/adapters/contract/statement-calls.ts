import type { Reader } from '../../core/contract/quiet';
import { ledgerSchema } from '../migrations/own-schemas';
import type { Session } from '../postgres/session';
import type { Seen } from './used-statements';

const longestText = 140;

type Known = { readonly first: number; readonly calls: number; readonly grownAt: string | null };
export type WatchKey = { readonly release: string; readonly migration: string };

/** Notes how often each statement has run; answers those that ran since the first look, the latest first. */
export async function noteCalls(
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
