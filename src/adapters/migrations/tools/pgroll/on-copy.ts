import { escapeIdentifier } from 'pg';
import { isSuperuser } from '../../../postgres/is-superuser';
import { withSession, type Session } from '../../../postgres/session';
import type { NotTried } from '../tool';
import { readRecord } from './read-state';
import { runPgroll, type PgrollOptions } from './run-pgroll';

/** Makes a copy one that pgroll has always known. `session` is one of the copy. */
export async function prepareCopy(options: PgrollOptions, dsn: string, session: Session): Promise<void> {
  const { hasHistory } = await readRecord(session, options, undefined);
  if (hasHistory) return;
  // Its own tables may have been copied with the rest, without the row that says which pgroll made them: it fails then.
  await session.query(`drop schema if exists ${escapeIdentifier(options.stateSchema)} cascade`);
  await runPgroll(options, { what: 'pgroll init of the copy', dsn, verb: 'init' });
  await runPgroll(options, { what: 'pgroll baseline of the copy', dsn, verb: 'baseline' });
}

/** `pgroll init` makes event triggers, which the server lets only a superuser do. */
export async function whyNoCopy(dsn: string): Promise<NotTried | undefined> {
  if (await withSession(dsn, 'spillway trial', isSuperuser)) return undefined;
  return {
    why: '`pgroll init` of a copy makes event triggers, which only a superuser may',
    fix: 'Let `trial.dsn` of the database name a superuser of another server of the same version, such as one in a container.',
  };
}
