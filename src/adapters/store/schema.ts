/** The store's schema, step by step; a step that was released is never changed, only followed by another. */
export const schemaSteps: readonly string[] = [
  `
  create table spillway_store.releases (
    release text primary key,
    service text not null,
    environment text not null,
    version text not null,
    phase text not null,
    plan_digest text not null,
    sentence text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    last_seq integer not null
  );
  create index releases_by_start on spillway_store.releases (environment, started_at desc, release);

  create table spillway_store.evidence (
    release text not null,
    seq integer not null check (seq > 0),
    previous text not null,
    hash text not null,
    type text not null,
    record json not null, -- json keeps the text as it was hashed, jsonb would not
    stored_at timestamptz not null default now(),
    primary key (release, seq)
  );
  create function spillway_store.refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'evidence is append-only: % refused', tg_op using errcode = 'insufficient_privilege';
  end $$;
  create trigger evidence_is_append_only before update or delete on spillway_store.evidence
    for each row execute function spillway_store.refuse_change();
  create trigger evidence_is_never_emptied before truncate on spillway_store.evidence
    for each statement execute function spillway_store.refuse_change();
  alter table spillway_store.evidence enable always trigger evidence_is_append_only;
  alter table spillway_store.evidence enable always trigger evidence_is_never_emptied;

  create table spillway_store.samples (
    id bigint generated always as identity,
    release text not null,
    at_ms double precision not null,
    sample json not null,
    digest text not null
  );
  create unique index samples_by_release on spillway_store.samples (release, at_ms, digest);

  create table spillway_store.outbox (
    id text primary key,
    place bigint generated always as identity,
    sink text not null,
    notification json not null,
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    delivered_at timestamptz,
    last_error text
  );
  create index outbox_due on spillway_store.outbox (due_at, place) where delivered_at is null;

  create table spillway_store.roles (
    environment text not null,
    service text not null,
    baseline text not null check (baseline in ('blue', 'green')),
    version text not null,
    release text not null,
    recorded_at timestamptz not null default now(),
    primary key (environment, service)
  );
  `,
  `
  create table spillway_store.kept (
    release text primary key,
    environment text not null,
    service text not null,
    version text not null,
    requested_by text not null,
    sealed json not null, -- json keeps the text as it was sealed
    snapshot json not null,
    roles_mac text not null,
    attempt integer not null,
    mac text not null,
    kept_at timestamptz not null default clock_timestamp()
  );
  create index kept_by_service on spillway_store.kept (environment, service, kept_at desc);
  `,
  `
  create table spillway_store.erasable (
    release text not null,
    digest text not null,
    content text not null,
    stored_at timestamptz not null default now(),
    primary key (release, digest)
  );
  `,
  `
  -- Beside the sealed plan, which no query can look into when one of its texts holds the character NUL.
  alter table spillway_store.kept add column settings json;
  `,
];
