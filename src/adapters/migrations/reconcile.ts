import { formsSql, type ReconcileRule } from '../../core/plan/reconcile';
import type { Reconciliation } from '../../core/release/reconciliation';
import { toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { MigrationsContext } from './postgres';
import { answerMarginMs, limitTransaction } from './sql-file';

const mostKeys = 20;

/** Key and value in one hash, so that values that change places are noticed. */
export const hashOf = (form: string): string =>
  `case when ${form} is not null then hashtextextended(key || E'\\x1f' || ${form}, 0) end`;

type Sums = { rows: string; old_rows: string; new_rows: string; old_sum: string; new_sum: string; differing: string };

/** One pass over the table, beside whoever writes; the keys of what differs are read in the same view of it. */
export async function reconcileForms(
  session: Session,
  context: MigrationsContext,
  rule: ReconcileRule,
): Promise<Reconciliation> {
  const options = { values: [], timeoutMs: context.statementTimeoutMs + answerMarginMs };
  try {
    return await session.transaction(async () => {
      await limitTransaction(session, context);
      const { rows } = await session.query<Sums>(
        `select count(*) as rows, count(old_form) as old_rows, count(new_form) as new_rows,
                coalesce(sum(${hashOf('old_form')}), 0)::text as old_sum,
                coalesce(sum(${hashOf('new_form')}), 0)::text as new_sum,
                count(*) filter (where old_form is distinct from new_form) as differing
           from (${formsSql(rule)}) forms`,
        options,
      );
      const [sums] = rows;
      if (sums === undefined) throw new Error('an aggregate gave no row');
      const differing = Number(sums.differing);
      const keys = differing === 0 ? [] : await differingKeys();
      return {
        id: rule.id,
        table: rule.table,
        rows: Number(sums.rows),
        old: { rows: Number(sums.old_rows), checksum: sums.old_sum },
        new: { rows: Number(sums.new_rows), checksum: sums.new_sum },
        differing,
        keys,
      };
    }, 'isolation level repeatable read read only');
  } catch (error) {
    throw toPortError(error, { what: `reconcile ${rule.id}`, target: context.target });
  }

  async function differingKeys(): Promise<readonly string[]> {
    const { rows } = await session.query<{ key: string | null }>(
      `select key from (${formsSql(rule)}) forms where old_form is distinct from new_form
        order by length(key), key limit ${mostKeys}`,
      options,
    );
    return rows.map(({ key }) => key ?? 'null');
  }
}
