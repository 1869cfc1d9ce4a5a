import { findPgroll, makeReady, runByHand } from '../../test/support/pgroll';
import { withClient } from './server';

/** The same type change as `accounts.ts` makes, as pgroll does it: `start` adds the column, its triggers, and fills it. */
const typeChange = {
  operations: [{ alter_column: { table: 'accounts', column: 'age', type: 'int', up: 'age::int', down: 'age::text' } }],
};
const wrongSql =
  'select from accounts where _pgroll_new_age is null or _pgroll_new_age::text is distinct from age limit 1';

/** How long `pgroll start` takes for the accounts, with its own settings, in milliseconds; undefined where there is none. */
export async function fillByPgroll(dsn: string): Promise<number | undefined> {
  const pgroll = findPgroll();
  if (pgroll === undefined) return undefined;
  makeReady(pgroll, dsn);
  const startedMs = performance.now();
  runByHand(pgroll, dsn, { '02_age.json': JSON.stringify(typeChange) }, 'start', '02_age.json');
  const tookMs = performance.now() - startedMs;
  const { rowCount } = await withClient(dsn, (client) => client.query(wrongSql));
  if (rowCount !== 0) throw new Error('pgroll left rows unfilled');
  return tookMs;
}
