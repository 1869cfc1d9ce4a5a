import type { Session } from '../postgres/session';
import { createKeptSchema, ledgerSchema } from '../migrations/own-schemas';

/** Creates what contracts record; the caller holds the migration lock, so nobody else does at the same time. */
export async function createContractTables(session: Session): Promise<void> {
  await createKeptSchema(session);
  await session.query(`
    create schema if not exists ${ledgerSchema};
    create table if not exists ${ledgerSchema}.kept (
      name text primary key,
      of text not null,
      release text not null,
      migration text not null,
      rows bigint not null,
      bytes bigint not null,
      checksum text not null,
      taken_at timestamptz not null default now(),
      took_ms bigint not null,
      keep_until timestamptz not null,
      restore jsonb not null,
      restoring_since timestamptz,
      restored_pages bigint not null default 0,
      restored_rows bigint not null default 0,
      restored_at timestamptz
    );
    create table if not exists ${ledgerSchema}.retired (
      release text not null,
      migration text not null,
      objects jsonb not null,
      changed jsonb not null,
      retired_at timestamptz not null default now(),
      put_back_at timestamptz,
      dropped_at timestamptz,
      primary key (release, migration)
    );
    create table if not exists ${ledgerSchema}.quiet (
      release text not null,
      migration text not null,
      began_at timestamptz not null default now(),
      since timestamptz not null default now(),
      stats_reset timestamptz,
      dealloc bigint,
      primary key (release, migration)
    );
    alter table ${ledgerSchema}.quiet add column if not exists is_blind boolean not null default false;
    create table if not exists ${ledgerSchema}.statement_calls (
      release text not null,
      migration text not null,
      statement text not null,
      first_calls bigint not null,
      calls bigint not null,
      grown_at timestamptz,
      primary key (release, migration, statement)
    )`);
}
