import type { BatchProgress, MigrateEffect } from '../../ports/migrations';
import { tableExists } from '../postgres/table-exists';
import type { Session } from '../postgres/session';
import { ledgerPart, type LedgerEntry } from './ledger';
import { createLineage, noteLineage } from './lineage-notes';
import { ledgerSchema } from './own-schemas';

/** Creates the ledger or takes over that of an earlier version; the caller holds the migration lock, so nobody else does. */
export async function createLedger(session: Session): Promise<void> {
  await createLineage(session);
  if (await hasLedger(session)) return takeOver(session);
  await session.query(`
    create schema if not exists ${ledgerSchema};
    create table if not exists ${ledgerSchema}.ledger (
      migration text not null,
      part text not null,
      checksum text not null,
      release text not null,
      started_at timestamptz not null default now(),
      applied_at timestamptz,
      undone_at timestamptz,
      batches integer not null default 0,
      rows bigint not null default 0,
      cursor text,
      passed bigint not null default 0,
      primary key (migration, part)
    )`);
}

/** An alter locks the table even when it has nothing to do, so it is asked first whether there is anything. */
async function takeOver(session: Session): Promise<void> {
  const { rows } = await session.query<{ is_old: boolean }>(
    `select not exists (select from pg_attribute where attrelid = $1::regclass and attname = 'passed' and not attisdropped)
         or exists (select from pg_constraint where conrelid = $1::regclass and conname = 'ledger_part_check') as is_old`,
    { values: [`${ledgerSchema}.ledger`] },
  );
  if (rows[0]?.is_old !== true) return;
  await session.query(`
    alter table ${ledgerSchema}.ledger
      add column if not exists cursor text,
      add column if not exists passed bigint not null default 0,
      drop constraint if exists ledger_part_check`);
}

function hasLedger(session: Session): Promise<boolean> {
  return tableExists(session, { schema: ledgerSchema, name: 'ledger' });
}

type LedgerRow = {
  checksum: string;
  release: string;
  is_applied: boolean;
  is_undone: boolean;
  batches: number;
  rows: string;
  cursor: string | null;
  passed: string;
};

/** The entry of one part; undefined when the ledger has none, or does not exist yet. */
export async function readEntry(session: Session, effect: MigrateEffect): Promise<LedgerEntry | undefined> {
  return (await hasLedger(session)) ? readOwnEntry(session, effect) : undefined;
}

/** The same, for whoever knows that there is a ledger. */
export async function readOwnEntry(session: Session, effect: MigrateEffect): Promise<LedgerEntry | undefined> {
  const { rows } = await session.query<LedgerRow>(
    // By name out of a row as a whole: a ledger of an earlier version is read as well, before it is taken over.
    `select checksum, release, applied_at is not null as is_applied, undone_at is not null as is_undone, batches, rows,
            to_jsonb(ledger) ->> 'cursor' as cursor, coalesce(to_jsonb(ledger) ->> 'passed', '0') as passed
       from ${ledgerSchema}.ledger where migration = $1 and part = $2`,
    { values: [effect.migration, ledgerPart(effect)] },
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    migration: effect.migration,
    part: ledgerPart(effect),
    checksum: row.checksum,
    release: row.release,
    isApplied: row.is_applied,
    isUndone: row.is_undone,
    batches: row.batches,
    rows: Number(row.rows),
    ...(row.cursor === null ? {} : { cursor: row.cursor }),
    passed: Number(row.passed),
  };
}

/** Notes in the running transaction that `release` has applied the part, or is at `progress` of it. */
export async function noteApplied(
  session: Session,
  effect: MigrateEffect,
  note: {
    readonly release: string;
    readonly progress: BatchProgress;
    readonly isDone: boolean;
    readonly cursor?: string | undefined;
    readonly passed?: number;
  },
): Promise<void> {
  await session.query(
    `insert into ${ledgerSchema}.ledger as l (migration, part, checksum, release, applied_at, batches, rows, cursor, passed)
     values ($1, $2, $3, $4, case when $5 then now() end, $6, $7, $8, $9)
     on conflict (migration, part) do update set
       checksum = excluded.checksum, release = excluded.release, applied_at = excluded.applied_at, undone_at = null,
       started_at = case when l.undone_at is null then l.started_at else now() end,
       batches = excluded.batches, rows = excluded.rows, cursor = excluded.cursor, passed = excluded.passed`,
    {
      values: [
        effect.migration,
        ledgerPart(effect),
        effect.apply.sha256,
        note.release,
        note.isDone,
        note.progress.batches,
        note.progress.rows,
        note.cursor ?? null,
        note.passed ?? 0,
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
    { values: [effect.migration, ledgerPart(effect), effect.apply.sha256, release] },
  );
  await noteLineage(session, effect, { release, isUndone: true });
}
