import type { OpenRelease, RenamedForm } from '../../core/contract/open-release';
import { advisoryKeys } from '../postgres/advisory-keys';
import { tableExists } from '../postgres/table-exists';
import { ledgerSchema } from '../migrations/own-schemas';
import type { Session } from '../postgres/session';
import type { Place } from './retired';

/** Releases that begin and contracts that rename take turns until the end of the running transaction; a backfill may hold the migration lock for hours. */
async function takeTurn(session: Session): Promise<void> {
  await session.query('select pg_advisory_xact_lock($1, $2)', { values: advisoryKeys.turn });
}

const table = { schema: ledgerSchema, name: 'open_releases' };
const isThere = (session: Session): Promise<boolean> => tableExists(session, table);

async function readRenamed(session: Session): Promise<readonly RenamedForm[]> {
  const retired = { schema: ledgerSchema, name: 'retired' };
  if (!(await tableExists(session, retired))) return [];
  const { rows } = await session.query<{
    release: string;
    migration: string;
    objects: readonly { readonly of: Place }[];
  }>(
    `select release, migration, objects from ${ledgerSchema}.retired
      where put_back_at is null and dropped_at is null order by retired_at`,
  );
  return rows.map(({ objects, ...of }) => ({
    ...of,
    forms: objects.map(({ of: { schema, table: name, column } }) =>
      [schema, name, ...(column === undefined ? [] : [column])].join('.'),
    ),
  }));
}

/** Notes in the running transaction that a release has its snapshot here; one that would migrate beside a renamed form is not noted. */
export async function enterRelease(
  session: Session,
  { workflowId, release, service, version }: OpenRelease,
  isMigrating: boolean,
): Promise<readonly RenamedForm[]> {
  await takeTurn(session);
  const renamed = await readRenamed(session);
  if (isMigrating && renamed.length > 0) return renamed;
  if (!(await isThere(session)))
    await session.query(`
      create schema if not exists ${ledgerSchema};
      create table ${ledgerSchema}.open_releases (
        workflow_id text primary key,
        release text not null,
        service text not null,
        version text not null,
        entered_at timestamptz not null default now()
      )`);
  await session.query(
    `insert into ${ledgerSchema}.open_releases (workflow_id, release, service, version) values ($1, $2, $3, $4)
     on conflict (workflow_id) do update set release = excluded.release, service = excluded.service,
       version = excluded.version, entered_at = now()`,
    { values: [workflowId, release, service, version] },
  );
  return renamed;
}

/** Releases that may have their snapshot here, without those named; nobody can enter before the running transaction ends. */
export async function readOpenReleases(session: Session, without: readonly string[]): Promise<readonly OpenRelease[]> {
  await takeTurn(session);
  if (!(await isThere(session))) return [];
  const { rows } = await session.query<OpenRelease>(
    `select workflow_id as "workflowId", release, service, version from ${ledgerSchema}.open_releases
      where release <> all ($1::text[]) order by entered_at`,
    { values: [without] },
  );
  return rows;
}
