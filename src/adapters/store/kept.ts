import type { Pool } from 'pg';
import type { Setting } from '../../core/combinations/setting';
import type { KeptRelease } from '../../core/evidence/kept';
import type { KeptRow } from '../../ports/store';

/** Keeps what a rollback of a release needs; an earlier attempt that comes late changes nothing. */
export async function writeKept(pool: Pool, kept: KeptRelease): Promise<void> {
  const { combinations } = kept.sealed.plan;
  await pool.query(
    `insert into spillway_store.kept as k
       (release, environment, service, version, requested_by, sealed, snapshot, roles_mac, attempt, mac, settings)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (release) do update set version = excluded.version, requested_by = excluded.requested_by,
       sealed = excluded.sealed, snapshot = excluded.snapshot, roles_mac = excluded.roles_mac,
       attempt = excluded.attempt, mac = excluded.mac, settings = excluded.settings
       where excluded.attempt >= k.attempt`,
    [
      kept.release,
      kept.environment,
      kept.service,
      kept.version,
      kept.requestedBy,
      JSON.stringify(kept.sealed),
      JSON.stringify(kept.snapshot),
      kept.rolesMac,
      kept.attempt,
      kept.mac,
      combinations === undefined ? null : JSON.stringify(combinations.settings),
    ],
  );
}

export async function readKept(pool: Pool, release: string): Promise<KeptRelease | undefined> {
  const { rows } = await pool.query<KeptRelease>(
    `select release, environment, service, version, requested_by as "requestedBy", sealed, snapshot,
            roles_mac as "rolesMac", attempt, mac
       from spillway_store.kept where release = $1`,
    [release],
  );
  return rows[0];
}

type KeptColumns = {
  readonly release: string;
  readonly version: string;
  readonly keptAt: Date;
  readonly phase: string | null;
  readonly endedAt: Date | null;
};

export async function listKept(
  pool: Pool,
  environment: string,
  service: string,
  limit: number,
): Promise<readonly KeptRow[]> {
  const { rows } = await pool.query<KeptColumns>(
    `select k.release, k.version, k.kept_at as "keptAt", r.phase, r.ended_at as "endedAt"
       from spillway_store.kept k left join spillway_store.releases r on r.release = k.release
      where k.environment = $1 and k.service = $2 order by k.kept_at desc, k.release limit $3`,
    [environment, service, limit],
  );
  return rows.map(({ release, version, keptAt, phase, endedAt }) => ({
    release,
    version,
    keptAt: keptAt.toISOString(),
    ...(phase === null ? {} : { phase }),
    ...(endedAt === null ? {} : { endedAt: endedAt.toISOString() }),
  }));
}

/** What the newest promoted releases set; plans of older workers and with fewer than two settings say nothing of it. */
export async function readPromotedSettings(
  pool: Pool,
  environment: string,
  service: string,
  limit: number,
): Promise<readonly (readonly Setting[])[]> {
  const { rows } = await pool.query<{ readonly settings: readonly Setting[] | null }>(
    `select k.settings from spillway_store.kept k join spillway_store.releases r on r.release = k.release
      where k.environment = $1 and k.service = $2 and r.phase = 'Promoted'
      order by k.kept_at desc, k.release limit $3`,
    [environment, service, limit],
  );
  return rows.flatMap(({ settings }) => (settings === null ? [] : [settings]));
}

/** The `seq` of the newest evidence of a release; 0 when there is none. */
export async function readLastSeq(pool: Pool, release: string): Promise<number> {
  const { rows } = await pool.query<{ seq: number }>(
    'select coalesce(max(seq), 0)::int as seq from spillway_store.evidence where release = $1',
    [release],
  );
  return rows[0]?.seq ?? 0;
}
