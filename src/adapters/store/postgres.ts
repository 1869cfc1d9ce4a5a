import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { ReleaseRow } from '../../core/evidence/publication';
import type { SampleRow, ServiceRole, StorePort } from '../../ports/store';
import { describeDatabase } from '../postgres/address';
import { toPortError } from '../postgres/errors';
import { createPool, inTransaction } from '../postgres/pool';
import { listKept, readKept, readLastSeq, readPromotedSettings, writeKept } from './kept';
import { settleItem, takeItems } from './outbox';
import { endRow, publishTo, readEvidence } from './publish';
import { upgradeStore } from './upgrade';

/** The store in PostgreSQL. Its schema is upgraded before the first use; no call takes longer than a few seconds. */
export function createPostgresStore({ dsn }: { readonly dsn: string }): StorePort {
  const target = describeDatabase('store', dsn);
  const pool = createPool(dsn, 'spillway store');
  let upgrading: Promise<void> | undefined;

  const upgradeOnce = (): Promise<void> => {
    upgrading ??= upgradeStore(pool, target).catch((error: unknown) => {
      // Not remembered: the next call asks again, the store may be back by then.
      upgrading = undefined;
      throw error;
    });
    return upgrading;
  };
  const call = async <T>(what: string, work: (pool: Pool) => Promise<T>): Promise<T> => {
    try {
      await upgradeOnce();
      return await work(pool);
    } catch (error) {
      throw toPortError(error, { what, target });
    }
  };

  return {
    publish: (publication) =>
      call(`publishing ${publication.row.release}`, () =>
        inTransaction(pool, (client) => publishTo(client, publication)),
      ),
    endRelease: (row) => call(`ending ${row.release}`, () => endRow(pool, row)),
    evidence: (release) => call(`reading evidence of ${release}`, () => readEvidence(pool, release, 'order by seq')),
    keep: (kept) => call(`keeping ${kept.release}`, () => writeKept(pool, kept)),
    kept: (release) => call(`reading what was kept of ${release}`, () => readKept(pool, release)),
    row: (release) => call(`reading ${release}`, async () => (await readRows(pool, 'release = $1', [release]))[0]),
    keptReleases: (environment, service, limit) =>
      call(`listing releases of ${service}`, () => listKept(pool, environment, service, limit)),
    promotedSettings: (environment, service, limit) =>
      call(`reading what was promoted of ${service}`, () => readPromotedSettings(pool, environment, service, limit)),
    lastSeq: (release) => call(`reading evidence of ${release}`, () => readLastSeq(pool, release)),
    keepErasable: (release, digest, content) =>
      call(`keeping erasable evidence of ${release}`, () => writeErasable(pool, release, digest, content)),
    addSamples: (release, rows) => call(`adding samples of ${release}`, () => addSamples(pool, release, rows)),
    samples: (release) => call(`reading samples of ${release}`, () => readSamples(pool, release)),
    releases: (environment, limit) =>
      call('listing releases', () =>
        readRows(pool, 'environment = $1 order by started_at desc, release limit $2', [environment, limit]),
      ),
    role: (environment, service) => call(`reading the role of ${service}`, () => readRole(pool, environment, service)),
    recordRole: (environment, service, role) =>
      call(`recording the role of ${service}`, () => writeRole(pool, { environment, service, ...role })),
    takeOutbox: (limit, leaseMs) => call('taking notifications', () => takeItems(pool, limit, leaseMs)),
    settleOutbox: (id, outcome) => call(`settling notification ${id}`, () => settleItem(pool, id, outcome)),
    ping: () => call('ping', async () => void (await pool.query('select 1'))),
    close: () => pool.end(),
  };
}

async function writeErasable(pool: Pool, release: string, digest: string, content: string): Promise<void> {
  await pool.query(
    `insert into spillway_store.erasable (release, digest, content) values ($1, $2, $3) on conflict do nothing`,
    [release, digest, content],
  );
}

async function addSamples(pool: Pool, release: string, rows: readonly SampleRow[]): Promise<void> {
  const texts = rows.map(({ sample }) => JSON.stringify(sample));
  await pool.query(
    `insert into spillway_store.samples (release, at_ms, sample, digest)
     select $1, * from unnest($2::float8[], $3::json[], $4::text[]) on conflict do nothing`,
    [
      release,
      rows.map(({ atMs }) => atMs),
      texts,
      texts.map((text) => createHash('sha256').update(text).digest('hex')),
    ],
  );
}

async function readSamples(pool: Pool, release: string): Promise<readonly SampleRow[]> {
  const { rows } = await pool.query<{ at_ms: number; sample: SampleRow['sample'] }>(
    'select at_ms, sample from spillway_store.samples where release = $1 order by at_ms, id',
    [release],
  );
  return rows.map(({ at_ms, sample }) => ({ atMs: at_ms, sample }));
}

type ReleaseColumns = Omit<ReleaseRow, 'startedAt' | 'endedAt'> & {
  readonly startedAt: Date;
  readonly endedAt: Date | null;
};

/** Rows of the read-model; `rest` is what stands behind `where`. */
async function readRows(pool: Pool, rest: string, values: readonly unknown[]): Promise<readonly ReleaseRow[]> {
  const { rows } = await pool.query<ReleaseColumns>(
    `select release, service, environment, version, phase, plan_digest as "planDigest", sentence,
            started_at as "startedAt", ended_at as "endedAt"
       from spillway_store.releases where ${rest}`,
    [...values],
  );
  return rows.map(({ startedAt, endedAt, ...row }) => ({
    ...row,
    startedAt: startedAt.toISOString(),
    ...(endedAt === null ? {} : { endedAt: endedAt.toISOString() }),
  }));
}

async function readRole(pool: Pool, environment: string, service: string): Promise<ServiceRole | undefined> {
  const { rows } = await pool.query<ServiceRole>(
    'select baseline, version, release from spillway_store.roles where environment = $1 and service = $2',
    [environment, service],
  );
  return rows[0];
}

async function writeRole(
  pool: Pool,
  role: ServiceRole & { readonly environment: string; readonly service: string },
): Promise<void> {
  await pool.query(
    `insert into spillway_store.roles (environment, service, baseline, version, release) values ($1, $2, $3, $4, $5)
     on conflict (environment, service) do update set
       baseline = excluded.baseline, version = excluded.version, release = excluded.release, recorded_at = now()`,
    [role.environment, role.service, role.baseline, role.version, role.release],
  );
}
