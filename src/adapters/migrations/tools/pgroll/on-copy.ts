import { withSession, type Session } from '../../../postgres/session';
import type { NotTried } from '../tool';
import { readRecord } from './read-state';
import { runPgroll, type PgrollOptions } from './run-pgroll';

/** The tables of pgroll are not copied with the schema: it takes the copy for one that it has always known. */
export async function prepareCopy(options: PgrollOptions, dsn: string, session: Session): Promise<void> {
  const { isInitialised, hasHistory } = await readRecord(session, options, undefined);
  if (!isInitialised) await runPgroll(options, { what: 'pgroll init of the copy', dsn, verb: 'init' });
  if (!hasHistory) await runPgroll(options, { what: 'pgroll baseline of the copy', dsn, verb: 'baseline' });
}

/** `pgroll init` makes event triggers, which the server lets only a superuser do. */
export async function whyNoCopy(dsn: string): Promise<NotTried | undefined> {
  const isSuperuser = await withSession(dsn, 'spillway trial', async (session) => {
    const { rows } = await session.query<{ is_superuser: string }>('show is_superuser');
    return rows[0]?.is_superuser === 'on';
  });
  if (isSuperuser) return undefined;
  return {
    why: '`pgroll init` of a copy makes event triggers, which only a superuser may',
    fix: 'Let `trial.dsn` of the database name a superuser of another server of the same version, such as one in a container.',
  };
}
