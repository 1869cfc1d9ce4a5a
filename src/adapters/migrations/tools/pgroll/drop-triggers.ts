import type { PgrollTrigger } from '../../../../core/pgroll/triggers';
import { answerMarginMs, limitTransaction } from '../../sql-file';
import type { ToolWork } from '../tool';
import { quoteTable, type PgrollPlace } from './read-state';

/** Takes triggers away that can do nothing but fail, as `complete` would have done next; each with its function. */
export async function dropTriggers(
  { session }: ToolWork,
  { schema, lockTimeoutMs, statementTimeoutMs }: PgrollPlace & { readonly lockTimeoutMs: number },
  triggers: readonly PgrollTrigger[],
): Promise<void> {
  await session.transaction(async () => {
    await limitTransaction(session, { lockTimeoutMs, statementTimeoutMs });
    for (const { name } of triggers)
      await session.query(`drop function if exists ${quoteTable(schema, name)}() cascade`, {
        timeoutMs: statementTimeoutMs + answerMarginMs,
      });
  });
}
