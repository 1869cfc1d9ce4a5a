import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { connectClient, type SpillwayClient } from '../../src/client';
import { sha256Hex } from '../../src/core/canonical';
import type { Bundle } from '../../src/core/release/messages';
import type { ReleaseState } from '../../src/core/release/state';
import { startEmbedded, type Embedded } from '../../src/stack/embedded';
import { startLoad } from '../../src/stack/load';
import { shopDirectory } from '../../src/stack/shop';

export type RollbackOptions = {
  /** Rows of the table before the release. */
  readonly rows: number;
  /** Rows that the new code writes when everybody is on it. */
  readonly written: number;
  readonly requestsPerSecond: number;
  /** Whether the server waits for its disk. */
  readonly fsync: boolean;
  readonly say: (line: string) => void;
};

export type RollbackFigures = {
  /** From the order to the end of the release, with proof. */
  readonly rollbackMs: number;
  /** Rows of the new code that are not there any more, or say something else in the old form. */
  readonly lostRows: number;
  readonly keptRows: number;
  readonly isProved: boolean;
  /** What the proof says of the data. */
  readonly proof: string;
};

const patienceMs = 600_000;
const pollMs = 50;

/** A split of the name with both forms in step, so that its undo keeps what either version wrote. */
const descriptor = (environment: string): { readonly [key: string]: unknown } => ({
  apiVersion: 'spillway/v1',
  service: 'shop',
  version: '2.0.0',
  environment,
  hypothesis: { change: 'Names are stored in two parts.', keep: 'Every order.' },
  owners: { lead: 'Ada', dataSteward: 'Dana' },
  stages: [{ canaryPercent: 25, bakeTime: '500ms', minRequests: 20 }],
  fullExposure: { holdbackPercent: 1, rollbackWindow: '1h', minRequests: 20 },
  rollback: { backInBand: '1s' },
  migrations: [
    {
      id: 'split-name',
      expand: {
        sql: 'db/002-split-name.expand.sql',
        undo: 'db/002-split-name.expand.undo.sql',
        check: 'db/002-split-name.expand.check.sql',
        losses: 'db/002-split-name.losses.sql',
      },
      backfill: {
        batch: 'db/002-split-name.backfill.sql',
        key: { table: 'public.orders', column: 'id', rows: 50_000 },
        undo: { skip: 'the columns go with expand' },
      },
      reconcile: [
        {
          id: 'name',
          table: 'public.orders',
          key: 'id',
          old: 'rtrim(customer_name)',
          new: "rtrim(given_name || ' ' || family_name)",
        },
      ],
    },
  ],
  invariants: [{ id: 'no-order-lost', query: 'db/invariants/no-order-lost.sql' }],
});

const namedIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.endsWith('.sql') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(namedIn) : [];
};

function bundleOf(content: { readonly [key: string]: unknown }): Bundle {
  const packed = namedIn(content).map((path) => {
    const text = readFileSync(join(shopDirectory, path), 'utf8');
    return { path, text, sha256: sha256Hex(text) };
  });
  return { descriptor: { path: 'release.yaml', text: JSON.stringify(content) }, files: packed };
}

async function query<Row extends object>(dsn: string, sql: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until a release is as wanted; one that has ended otherwise says why. */
async function reach(client: SpillwayClient, id: string, isSo: (state: ReleaseState) => boolean): Promise<void> {
  const deadlineMs = Date.now() + patienceMs;
  for (;;) {
    const state = await client.state(id);
    if (isSo(state)) return;
    if (state.endedAtMs !== undefined || Date.now() > deadlineMs)
      throw new Error(`the release did not get there: ${(await client.explain(id)).sentence}`);
    await sleep(pollMs);
  }
}

/** The shift to full exposure is done, not only begun. */
function isFullyExposed({ stage, stages, journal }: ReleaseState): boolean {
  const sinceMs = stages.find(({ id }) => id === 'expose-full')?.startedAtMs ?? Infinity;
  return (
    stage === 'expose-full' &&
    journal.some(({ effect, doneAtMs = 0 }) => effect === 'expose/shop' && doneAtMs >= sinceMs)
  );
}

/** Rows as the new version writes them: the old form is the trigger's business. The list of them is apart, or the proof would find it. */
const writeSql = (written: number): string => `
  create schema measure;
  create table measure.written_since as
  with added as (
    insert into orders (given_name, family_name, total_cents)
    select 'Written', 'Since ' || number, number from generate_series(1, ${written}) as number
    returning id, family_name, total_cents
  ) select * from added`;

const lostSql = `
  select count(*)::int as lost, (select count(*)::int from measure.written_since) as all
    from measure.written_since as written_since left join orders using (id)
   where orders.id is null
      or orders.customer_name is distinct from 'Written ' || written_since.family_name
      or orders.total_cents is distinct from written_since.total_cents`;

async function rollBack(
  embedded: Embedded,
  client: SpillwayClient,
  { rows, written, say }: RollbackOptions,
): Promise<RollbackFigures> {
  const dsn = embedded.shopDsn;
  say(`filling the table with ${rows} rows`);
  await query(
    dsn,
    `insert into orders (customer_name, total_cents)
     select 'Customer Number' || number, 100 + number % 9900 from generate_series(1, ${rows}) as number`,
  );
  await query(dsn, 'analyze orders');
  const bundle = bundleOf(descriptor(embedded.name));
  const input = { bundle, environment: embedded.name, service: 'shop', requestedBy: 'benchmark' };
  const { workflowId, firstRunId } = await client.start(input);
  say('releasing up to full exposure');
  await reach(client, workflowId, isFullyExposed);
  await query(dsn, writeSql(written));
  say(`rolling back with ${written} rows written since`);
  const beganMs = performance.now();
  await client.abort(workflowId, { by: 'benchmark', why: 'to measure the way back' });
  const report = await client.result(workflowId, { firstRunId, timeoutMs: patienceMs });
  const rollbackMs = performance.now() - beganMs;
  const [found] = await query<{ lost: number; all: number }>(dsn, lostSql);
  if (found === undefined) throw new Error('count(*) gave no row');
  return {
    rollbackMs,
    lostRows: found.lost,
    keptRows: found.all - found.lost,
    isProved: report.proof?.isRestored === true,
    proof: report.proof?.lines.find(({ object }) => object.startsWith('data split-name/'))?.observed ?? 'nothing',
  };
}

/** Takes traffic and schema back at full exposure, with users on both versions, and counts what became of the rows written since. */
export async function measureRollback(options: RollbackOptions): Promise<RollbackFigures> {
  const embedded = await startEmbedded({
    temporal: { headless: true },
    postgres: { fsync: options.fsync },
    workers: 1,
  });
  try {
    const client = await connectClient({ address: embedded.stack.temporal.address, env: {} });
    const url = embedded.stack.haproxy[0]?.trafficUrl ?? '';
    const load = startLoad({ url, requestsPerSecond: options.requestsPerSecond, connections: 16 });
    try {
      return await rollBack(embedded, client, options);
    } finally {
      await load.stop();
      await client.close();
    }
  } finally {
    await embedded.stop();
  }
}
