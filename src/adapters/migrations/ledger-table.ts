import type { BatchProgress, MigrateEffect } from '../../ports/migrations';
import { hasTable } from '../postgres/has-table';
import type { Session } from '../postgres/session';
import type { LedgerEntry } from './ledger';

export const ledgerSchema = 'spillway';

/** Creates the ledger; the caller holds the migration lock, so nobody else does at the same time. */
export async function createLedger(session: Session): Promise<void> {
  await createLineage(session);
  if (await hasLedger(session)) return;
  await session.query(`
    create schema if not exists ${ledgerSchema};
    create table if not exists ${ledgerSchema}.ledger (
      migration text not null,
      part text not null check (part in ('expand', 'backfill', 'contract')),
      checksum text not null,
      release text not null,
      started_at timestamptz not null default now(),
      applied_at timestamptz,
      undone_at timestamptz,
      batches integer not null default 0,
      rows bigint not null default 0,
      primary key (migration, part)
    )`);
}

async function createLineage(session: Session): Promise<void> {
  const ask = (sql: string, values: readonly string[]) => session.query<{ exists: boolean }>(sql, { values });
  if (await hasTable(ask, { schema: ledgerSchema, name: 'lineage' })) return;
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
  { origin, migration, part, apply }: MigrateEffect,
  { release, isUndone }: { readonly release: string; readonly isUndone: boolean },
): Promise<void> {
  if (origin === undefined) return;
  await session.query(
    `insert into ${ledgerSchema}.lineage as l (service, version, release, migration, part, checksum, undone_at)
     values ($1, $2, $3, $4, $5, $6, case when $7 then now() end)
     on conflict (service, release, migration, part) do update set undone_at = excluded.undone_at`,
    { values: [origin.service, origin.version, release, migration, part, apply.sha256, isUndone] },
  );
}

function hasLedger(session: Session): Promise<boolean> {
  return hasTable((sql, values) => session.query(sql, { values }), { schema: ledgerSchema, name: 'ledger' });
}

type LedgerRow = {
  checksum: string;
  release: string;
  is_applied: boolean;
  is_undone: boolean;
  batches: number;
  rows: string;
};

/** The entry of one part; undefined when the ledger has none, or does not exist yet. */
export async function readEntry(session: Session, effect: MigrateEffect): Promise<LedgerEntry | undefined> {
  if (!(await hasLedger(session))) return undefined;
  const { rows } = await session.query<LedgerRow>(
    `select checksum, release, applied_at is not null as is_applied, undone_at is not null as is_undone, batches, rows
       from ${ledgerSchema}.ledger where migration = $1 and part = $2`,
    { values: [effect.migration, effect.part] },
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    migration: effect.migration,
    part: effect.part,
    checksum: row.checksum,
    release: row.release,
    isApplied: row.is_applied,
    isUndone: row.is_undone,
    batches: row.batches,
    rows: Number(row.rows),
  };
}

/** Notes in the running transaction that `release` has applied the part, or is at `progress` of it. */
export async function noteApplied(
  session: Session,
  effect: MigrateEffect,
  note: { readonly release: string; readonly progress: BatchProgress; readonly isDone: boolean },
): Promise<void> {
  await session.query(
    `insert into ${ledgerSchema}.ledger as l (migration, part, checksum, release, applied_at, batches, rows)
     values ($1, $2, $3, $4, case when $5 then now() end, $6, $7)
     on conflict (migration, part) do update set
       checksum = excluded.checksum, release = excluded.release, applied_at = excluded.applied_at, undone_at = null,
       started_at = case when l.undone_at is null then l.started_at else now() end,
       batches = excluded.batches, rows = excluded.rows`,
    {
      values: [
        effect.migration,
        effect.part,
        effect.apply.sha256,
        note.release,
        note.isDone,
        note.progress.batches,
        note.progress.rows,
      ],
    },
  );
  // A backfill notes every batch; the first one and the last are enough.
  if (note.isDone || note.progress.batches <= 1)
    await noteLineage(session, effect, { release: note.release, isUndone: false });
}

/** Notes in the running transaction that `release` has undone the part, whether or not it had applied it. */
export async function noteUndone(session: Session, effect: MigrateEffect, release: string): Promise<void> {
  await session.query(
    `insert into ${ledgerSchema}.ledger (migration, part, checksum, release, undone_at)
     values ($1, $2, $3, $4, now())
     on conflict (migration, part) do update set release = excluded.release, undone_at = now()`,
    { values: [effect.migration, effect.part, effect.apply.sha256, release] },
  );
  await noteLineage(session, effect, { release, isUndone: true });
}
