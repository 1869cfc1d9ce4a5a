import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { nowMs } from '../../../src/stack/load-sender';
import { startBench, underLoad, type Bench } from '../../bench';
import { describeRelease, startRelease } from '../../release-run';
import { misbehave, waitForFirstFailure } from '../../shop';
import { describeMs, spreadOf } from '../../spread';
import type { Found, Measure } from '../measure';

const usualRuns = 10;
const awayMs = 3_000;

/** One way in which the store can be away; the shop's own database on the same server goes on serving. */
type Outage = { readonly name: string; begin(bench: Bench): Promise<{ end(): Promise<void> }> };

async function connect(dsn: string): Promise<Client> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  return client;
}

const outages: readonly Outage[] = [
  {
    name: 'refuses',
    async begin({ embedded }) {
      const admin = await connect(embedded.stack.postgres.dsn());
      await admin.query('alter database spillway with allow_connections false');
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'spillway'");
      return {
        async end() {
          await admin.query('alter database spillway with allow_connections true');
          await admin.end();
        },
      };
    },
  },
  {
    name: 'hangs',
    async begin({ embedded }) {
      const holder = await connect(embedded.storeDsn);
      const { rows } = await holder.query<{ name: string }>(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
      );
      await holder.query('begin');
      await holder.query(`lock table ${rows.map(({ name }) => name).join(', ')} in access exclusive mode`);
      return {
        async end() {
          await holder.query('rollback');
          await holder.end();
        },
      };
    },
  },
];

type Case = { readonly zeroMs: number; readonly isRolledBack: boolean };

/** The store goes as the canary begins to fail; it returns when the traffic has been back for a while. */
async function loseStoreOnce(bench: Bench, outage: Outage): Promise<Case> {
  const run = await startRelease(
    bench,
    describeRelease(bench, { stages: [{ canaryPercent: 25, bakeTime: '5m', minRequests: 200 }] }),
  );
  await run.atShare(25);
  await sleep(1_500);
  const away = await outage.begin(bench);
  let zeroMs: number;
  try {
    await misbehave(run.canaryUrl, { failShare: 0.5, failAfterMs: 0 });
    const failedMs = await waitForFirstFailure(run.canaryUrl);
    zeroMs = (await run.atShare(0, { everyMs: 5 })) - failedMs;
    await sleep(Math.max(0, failedMs + awayMs - nowMs()));
  } finally {
    await away.end();
  }
  const { ending, proof } = await run.end(120_000);
  return { zeroMs, isRolledBack: ending === 'RolledBack' && proof?.isRestored === true };
}

/** A rollback waits for no store: traffic goes back without it, and the release ends once it is there again. */
export const storeDown: Measure = {
  name: 'store-down',
  async run({ runs = usualRuns, say }): Promise<Found> {
    const bench = await startBench({ runs, clean: 0 }, say);
    try {
      return await underLoad(bench, { requestsPerSecond: 200 }, async () => {
        const found = new Map<string, Case[]>(outages.map(({ name }) => [name, []]));
        for (let index = 0; index < runs; index += 1) {
          const outage = outages[index % outages.length];
          if (outage !== undefined) found.get(outage.name)?.push(await loseStoreOnce(bench, outage));
        }
        const all = [...found.values()].flat();
        return {
          figures: {
            weightZeroMaxMs: Math.max(...all.map(({ zeroMs }) => zeroMs)),
            notRolledBack: all.filter(({ isRolledBack }) => !isRolledBack).length,
            runs: all.length,
          },
          rows: [...found].flatMap(([name, cases]) =>
            cases.length === 0
              ? []
              : [[`store ${name} at a breach → weight 0`, describeMs(spreadOf(cases.map(({ zeroMs }) => zeroMs)))]],
          ),
        };
      });
    } finally {
      await bench.stop();
    }
  },
};
