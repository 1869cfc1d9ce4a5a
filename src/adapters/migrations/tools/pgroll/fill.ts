import type { Unfilled } from '../../../../core/pgroll/decide';
import { PortError } from '../../../../ports/errors';
import { answerMarginMs, limitTransaction } from '../../sql-file';
import type { ToolWork } from '../tool';
import { markColumn, quoteTable, type PgrollPlace } from './read-state';

/**
 * Fills what a killed pgroll left, as it would have: each row is touched, and its trigger does the rest. Killed itself it
 * loses at most one batch, and a pgroll that is still at it does no harm: both touch the same rows to the same end.
 */
export async function fillRest(
  { session, target, signal }: ToolWork,
  { schema, statementTimeoutMs, lockTimeoutMs, batchRows }: PgrollPlace & { lockTimeoutMs: number; batchRows: number },
  unfilled: readonly Unfilled[],
): Promise<void> {
  for (const { table } of unfilled.filter(({ rows }) => rows > 0)) {
    const name = quoteTable(schema, table);
    let changed = Infinity;
    while (changed > 0) {
      if (signal?.aborted === true)
        throw new PortError('TargetUnavailable', `${target}: filling ${name} stopped between two batches`);
      changed = await session.transaction(async () => {
        await limitTransaction(session, { lockTimeoutMs, statementTimeoutMs });
        // By any other search path than this one the trigger would take the touch for one of new code, or not find its functions.
        await session.query(`select set_config('search_path', quote_ident($1), true)`, { values: [schema] });
        const { rowCount } = await session.query(
          `update ${name} set ${markColumn} = true
            where ctid = any (array(select ctid from ${name} where ${markColumn} is distinct from false
                                     limit ${batchRows} for no key update))`,
          { timeoutMs: statementTimeoutMs + answerMarginMs },
        );
        return rowCount ?? 0;
      });
    }
  }
}
