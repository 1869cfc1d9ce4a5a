import type { Session } from './session';

/** For the rest of the running transaction the server refuses a statement from which policies would hide rows. */
export async function refuseHiddenRows(session: Session): Promise<void> {
  await session.query(`select set_config('row_security', 'off', true)`);
}
