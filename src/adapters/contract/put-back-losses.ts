import { escapeIdentifier } from 'pg';
import { formsSql, quoteDotted, type ReconcileRule } from '../../core/plan/reconcile';
import type { UnfilledRows } from '../../ports/contract';
import { writtenSince } from '../migrations/written-since';
import type { Session } from '../postgres/session';
import { readKey } from './copy-column';
import { findRemoved, nameRemoved, qualified } from './removed';
import type { Changed, Hidden, Place } from './retired';

/** As many as an undo lists. */
const mostKeys = 10_000;

type Rows = readonly { readonly key: string; readonly count: string }[];

async function wasRequired(session: Session, { schema, table, column }: Place, { before }: Changed): Promise<boolean> {
  const { rows } = await session.query<{ key: string }>(
    `select format('column %I.%I.%I', $1::text, $2::text, $3::text) as key`,
    {
      values: [schema, table, column],
    },
  );
  return before.some(({ key, make }) => key === rows[0]?.key && make.includes(' set not null'));
}

/**
 * What the old form, under its own name again, does not hold of the rows written since the renaming: nothing where a value is
 * required, or something else than the new form where the migration says how both compare.
 */
export async function findUnfilled(
  session: Session,
  { of, at }: Hidden,
  {
    changed,
    rules,
    timeoutMs,
  }: { readonly changed: Changed; readonly rules: readonly ReconcileRule[]; readonly timeoutMs: number },
): Promise<UnfilledRows | undefined> {
  const [removed] = await findRemoved(session, { removals: [of] });
  if (of.column === undefined || removed === undefined || changed.seen === undefined) return undefined;
  const from = qualified(at.schema, at.table);
  const since = writtenSince('xmin', '$1', '$2');
  const keys = new Set<string>();
  let rows = 0;
  const count = async (sql: string): Promise<void> => {
    const found = await session.query<Rows[number]>(
      `select key, count(*) over () as count from (${sql}) unfilled limit ${mostKeys}`,
      { values: [changed.seen, []], timeoutMs },
    );
    found.rows.forEach(({ key }) => keys.add(key));
    rows = Math.max(rows, Number(found.rows[0]?.count ?? 0), keys.size);
  };
  if (await wasRequired(session, of, changed)) {
    const [key = ''] = await readKey(session, removed);
    await count(
      `select ${escapeIdentifier(key)}::text as key from ${from} where ${escapeIdentifier(of.column)} is null and ${since}`,
    );
  }
  for (const rule of rules) {
    const { rows: same } = await session.query<{ is_same: boolean }>(
      'select to_regclass($1) = to_regclass($2) as is_same',
      { values: [quoteDotted(rule.table), from] },
    );
    if (same[0]?.is_same !== true) continue;
    await count(`select key from (${formsSql(rule)} where ${since}) forms where old_form is distinct from new_form`);
  }
  return rows === 0 ? undefined : { of: nameRemoved(removed), rows, keys: [...keys].slice(0, mostKeys) };
}
