import { accountEffects, batchSql, indexSql, wrongSql } from '../accounts';
import type { DataOptions, Found, Measure } from '../measure';
import { fillByPgroll } from '../pgroll-fill';
import { connect, run, startDataServer, withClient, type DataServer } from '../server';

const batchRows = 10_000;
const rounds = 3;
const never = new AbortController().signal;

type Way = 'spillway' | 'plain SQL';
type Took = { readonly fillMs: number; readonly indexMs: number };

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
};

/** The same statement in the same batches, from one connection that does nothing else. */
const plain = (dsn: string, rows: number): Promise<void> =>
  withClient(dsn, async (client) => {
    await client.query("set spillway.backfill = 'on'");
    for (let lower = 0; lower < rows; lower += batchRows)
      await client.query(batchSql, [String(lower), String(lower + batchRows)]);
  });

async function fill(server: DataServer, name: string, way: Way, rows: number, isMarked: boolean): Promise<Took> {
  const dsn = await server.database(name);
  const port = connect(dsn);
  const { expand, backfill: filling, index } = accountEffects({ isMarked, rows: batchRows });
  await port.apply(expand, name);
  const isOurs = way === 'spillway';
  const fillMs = await timed(() => (isOurs ? port.backfill(filling, name, () => undefined, never) : plain(dsn, rows)));
  const indexMs = await timed(() =>
    isOurs ? port.buildIndex(index, name, () => undefined, never) : run(dsn, indexSql),
  );
  await withClient(dsn, async (client) => {
    const { rowCount } = await client.query(`${wrongSql} limit 1`);
    if (rowCount !== 0) throw new Error(`${way} left rows unfilled`);
  });
  await run(dsn.replace(/\/[^/]*$/, '/postgres'), `drop database ${name}`);
  return { fillMs, indexMs };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

async function fillBeside(server: DataServer, name: string): Promise<number | undefined> {
  const dsn = await server.database(name);
  const tookMs = await fillByPgroll(dsn);
  await run(dsn.replace(/\/[^/]*$/, '/postgres'), `drop database ${name}`);
  return tookMs;
}

/** One million rows filled behind triggers, in turns with plain SQL of the same work. */
async function measure({ rows, say }: DataOptions): Promise<Found> {
  const server = await startDataServer(rows);
  const took: { [way: string]: Took[] } = {};
  const pgrollMs: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const isMarked of [true, false])
        for (const way of ['spillway', 'plain SQL'] as const) {
          const what = `${way}, triggers ${isMarked ? 'leave the backfill alone' : 'fire for every row'}`;
          const one = await fill(server, `r${round}${isMarked ? 'm' : 'f'}${way.length}`, way, rows, isMarked);
          (took[what] ??= []).push(one);
          say(`${what}: ${Math.round(rows / (one.fillMs / 1_000))} rows/s, index ${Math.round(one.indexMs)} ms`);
        }
      const beside = await fillBeside(server, `r${round}pgroll`);
      if (beside !== undefined) pgrollMs.push(beside);
      say(`pgroll start: ${beside === undefined ? 'not measured, there is none here' : `${Math.round(beside)} ms`}`);
    }
  } finally {
    await server.stop();
  }
  const rate = (what: string): number => rows / (median((took[what] ?? []).map(({ fillMs }) => fillMs)) / 1_000);
  const index = (what: string): number => median((took[what] ?? []).map(({ indexMs }) => indexMs)) / 1_000;
  const [marked, fired] = ['leave the backfill alone', 'fire for every row'];
  const ours = `spillway, triggers ${marked}`;
  const seconds = rows / rate(ours);
  const round2 = (value: number): number => Math.round(value * 100) / 100;
  const besideOf = (how: string): number =>
    round2(rate(`spillway, triggers ${how}`) / rate(`plain SQL, triggers ${how}`));
  const line = (what: string): readonly [string, string] => [
    what,
    `${Math.round(rate(what)).toLocaleString('en-US')} rows/s, then the index in ${index(what).toFixed(1)} s`,
  ];
  return {
    figures: {
      rowsPerSecond: Math.round(rate(ours)),
      rowsPerSecondFired: Math.round(rate(`spillway, triggers ${fired}`)),
      plainRowsPerSecond: Math.round(rate(`plain SQL, triggers ${marked}`)),
      plainRowsPerSecondFired: Math.round(rate(`plain SQL, triggers ${fired}`)),
      timesPlain: besideOf(marked),
      timesPlainFired: besideOf(fired),
      indexSeconds: round2(index(ours)),
      ...(pgrollMs.length === 0
        ? {}
        : { pgrollSeconds: round2(median(pgrollMs) / 1_000), timesPgroll: round2(median(pgrollMs) / 1_000 / seconds) }),
    },
    rows: [
      ...Object.keys(took).map(line),
      [
        '`pgroll start` on the same table, nobody else there',
        pgrollMs.length === 0 ? 'not measured: there is no pgroll here' : `${(median(pgrollMs) / 1_000).toFixed(1)} s`,
      ],
      ['beside plain SQL of the same work', `${besideOf(marked)} ×; triggers firing ${besideOf(fired)} ×`],
    ],
  };
}

export const backfill: Measure = { name: 'backfill', run: measure };
