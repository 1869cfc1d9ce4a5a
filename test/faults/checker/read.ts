import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { Client as Database } from 'pg';
import { readsOf } from '../../support/read-state';
import { readDatabase } from './database';
import type { EvidenceFact, Facts, FilesFact, RowFact, WorkflowFact } from './facts';
import { fingerprintSql } from './fingerprint';
import { readable, readHistories, type RunHistory } from './history';

type Row = { readonly [column: string]: unknown };

async function withDatabase<T>(
  dsn: string,
  work: (query: (sql: string) => Promise<readonly Row[]>) => Promise<T>,
): Promise<T> {
  const client = new Database({ connectionString: dsn });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(async (sql) => (await client.query<Row>(sql)).rows);
  } finally {
    await client.end();
  }
}

const counted = (rows: readonly Row[]): { readonly [key: string]: number } =>
  Object.fromEntries(rows.map(({ key, n }) => [String(key), Number(n)]));

type ShopFacts = Pick<Facts, 'schema' | 'rows' | 'marks' | 'filled' | 'database'>;

/** What the service's own database holds; `totalIn` says where the total stands. */
export const readShop = (dsn: string, totalIn: (columns: readonly string[]) => string): Promise<ShopFacts> =>
  withDatabase(dsn, async (query) => {
    const columns = (
      await query(
        `select column_name from information_schema.columns where table_schema = 'public' and table_name = 'orders'`,
      )
    ).map(({ column_name: name }) => String(name));
    const name = columns.includes('name') ? 'name' : `first || ' ' || last`;
    return {
      database: await readDatabase(query),
      schema: String((await query(fingerprintSql))[0]?.['fingerprint']),
      rows: (await query(`select ref, ${name} as name, ${totalIn(columns)} as total from orders`)).map(
        (row): RowFact => ({
          ref: String(row['ref']),
          name: String(row['name']),
          total: Number(row['total']),
        }),
      ),
      marks: counted(await query('select part as key, count(*) as n from marks group by part')),
      filled: columns.includes('filled')
        ? counted(
            await query(`select filled as key, count(*) as n from orders where ref like 'base-%' group by filled`),
          )
        : {},
    };
  });

/** Evidence and notices of some releases. */
export const readStore = (dsn: string, releases: readonly string[]): Promise<Pick<Facts, 'evidence' | 'outbox'>> =>
  withDatabase(dsn, async (query) => {
    const of = (column: string): string => releases.map((release) => `${column} like '%${release}%'`).join(' or ');
    const evidence = await query(
      `select release, seq, previous, hash, record from spillway_store.evidence where ${of('release')} order by release, seq`,
    );
    const outbox = await query(
      `select id, delivered_at is not null as is_delivered from spillway_store.outbox where ${of('id')}`,
    );
    return {
      evidence: evidence.map(({ release, seq, previous, hash, record }) => ({
        ...(record as EvidenceFact),
        release: String(release),
        seq: Number(seq),
        previous: String(previous),
        hash: String(hash),
      })),
      outbox: outbox.map((row) => ({ id: String(row['id']), isDelivered: row['is_delivered'] === true })),
    };
  });

export const readFiles = (files: { readonly [F in keyof FilesFact]: string }): FilesFact => ({
  blue: readFileSync(files.blue, 'utf8'),
  green: readFileSync(files.green, 'utf8'),
  flags: readFileSync(files.flags, 'utf8'),
});

/** What the workers of a lane wrote into their logs from these places on. */
export function readLogs(
  folder: string,
  from: { readonly [file: string]: number },
): { readonly [file: string]: string } {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return Object.fromEntries(
    names.map((name) => [
      name,
      readFileSync(join(folder, name))
        .subarray(from[name] ?? 0)
        .toString('utf8'),
    ]),
  );
}

const sentenceOf = (client: Client, workflowId: string): Promise<string> =>
  readsOf(client)
    .sentence(workflowId)
    .catch((error: unknown) => `nobody says: ${String(error)}`);

async function workflowFact(client: Client, workflowId: string): Promise<WorkflowFact> {
  const { status } = await client.workflow.getHandle(workflowId).describe();
  // What only watches over the rest has no sentence, and is no release.
  const isTold = /^(release|contract)\//.test(workflowId);
  return { workflowId, status: status.name, sentence: isTold ? await sentenceOf(client, workflowId) : '' };
}

const bundlePath = join(__dirname, '..', '..', '..', 'dist', 'workflow-bundle.js');
const noMappings = { version: 3, file: 'workflow-bundle.js', sources: [], names: [], mappings: '' };
const noSourceMap = Buffer.from(JSON.stringify(noMappings)).toString('base64');

/** Without its source map, which the SDK keeps in memory for every replay and never frees: after some hundred it is full. */
const bundleCode = async (): Promise<string> =>
  (await readFile(bundlePath, 'utf8')).replace(/(# sourceMappingURL=data:[^,]*,)[^]*$/, `$1${noSourceMap}`);
let bundle: Promise<string> | undefined;

async function replay({ workflowId, raw, events }: RunHistory): Promise<readonly string[]> {
  try {
    bundle ??= bundleCode();
    await Worker.runReplayHistory({ workflowBundle: { code: await bundle } }, raw, workflowId);
    return [];
  } catch (error) {
    // The seed brings the faults again, not the order in which the server told of things: the history is left to be looked at.
    const path = join(tmpdir(), `spillway-no-replay-${events[0]?.runId}.json`);
    writeFileSync(path, JSON.stringify(historyToJSON(raw)));
    return [`${workflowId} does not replay (its history is in ${path}): ${String(error)}`];
  }
}

type TemporalFacts = Pick<Facts, 'history' | 'workflows' | 'replayFaults' | 'texts'>;

/** What Temporal has of a release and of everything it started. */
export async function readTemporal(
  client: Client,
  workflowId: string,
  runIds: readonly string[],
): Promise<TemporalFacts> {
  const runs: RunHistory[] = [];
  for (const runId of runIds) runs.push(...(await readHistories(client, workflowId, runId)));
  const ids = [...new Set(runs.map((run) => run.workflowId))];
  const replayFaults: string[] = [];
  for (const run of runs) replayFaults.push(...(await replay(run)));
  return {
    history: runs.flatMap(({ events }) => events),
    workflows: await Promise.all(ids.map((id) => workflowFact(client, id))),
    replayFaults,
    texts: Object.fromEntries(runs.map((run, index) => [`history ${index} of ${run.workflowId}`, readable(run)])),
  };
}
