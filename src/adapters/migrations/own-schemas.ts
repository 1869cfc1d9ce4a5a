import type { Session } from '../postgres/session';

/** What the engine records in a database that it migrates. */
export const ledgerSchema = 'spillway';

/** Copies of what contracts removed and undos lost, and tables that wait for their drop; no business of anybody's but the owner's. */
export const keptSchema = 'spillway_kept';

/** Where a test restore is made, within the transaction that takes it away again. */
export const trySchema = 'spillway_try';

export async function createKeptSchema(session: Session): Promise<void> {
  await session.query(`create schema if not exists ${keptSchema}; revoke all on schema ${keptSchema} from public`);
}
