import type { MigrateEffect } from '../../ports/migrations';
import { tableExists } from '../postgres/table-exists';
import type { Session } from '../postgres/session';
import { ledgerPart } from './ledger';
import { ledgerSchema } from './own-schemas';

/** Creates the table that says which version came with which part; the caller holds the migration lock. */
export async function createLineage(session: Session): Promise<void> {
  if (await tableExists(session, { schema: ledgerSchema, name: 'lineage' })) return;
  await session.query(`
    create schema if not exists ${ledgerSchema};
    create table if not exists ${ledgerSchema}.lineage (
      service text not null,
      version text not null,
      release text not null,
      migration text not null,
      part text not null,
      checksum text not null,
      at timestamptz not null default now(),
      undone_at timestamptz,
      primary key (service, release, migration, part)
    )`);
}

/** Notes in the running transaction which version comes with the part, or that its release has taken it back. */
export async function noteLineage(
  session: Session,
  effect: MigrateEffect,
  { release, isUndone }: { readonly release: string; readonly isUndone: boolean },
): Promise<void> {
  const { origin, migration, apply } = effect;
  if (origin === undefined) return;
  await session.query(
    `insert into ${ledgerSchema}.lineage as l (service, version, release, migration, part, checksum, undone_at)
     values ($1, $2, $3, $4, $5, $6, case when $7 then now() end)
     on conflict (service, release, migration, part) do update set undone_at = excluded.undone_at`,
    { values: [origin.service, origin.version, release, migration, ledgerPart(effect), apply.sha256, isUndone] },
  );
}
