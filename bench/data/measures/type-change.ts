import { setTimeout as delay } from 'node:timers/promises';
import { accountEffects } from '../accounts';
import type { DataOptions, Found, Measure } from '../measure';
import { connect, startDataServer, withClient } from '../server';
import { startWriters, type Expected } from '../writers';

const quietMs = 15_000;
/** Small batches: whoever writes a row of one waits until it is done. */
const pace = { rows: 300, statementMs: 20, restMs: 5 };
const release = 'release/type-change';
const never = new AbortController().signal;

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Rows that are not what the last write made of them, whose forms disagree, or that should not be there. */
async function countWrong(dsn: string, rows: number, expected: Expected): Promise<number> {
  return withClient(dsn, async (client) => {
    const { rows: found } = await client.query<{
      id: string;
      age: string | null;
      number: number | null;
      writes: number;
    }>('select id, age, age_number as number, writes from accounts');
    const inserted = [...expected.keys()].filter((id) => id > rows).length;
    const wrong = found.filter(({ id, age, number, writes }) => {
      const want = expected.get(Number(id)) ?? { age: 18 + (Number(id) % 60), writes: 0 };
      return age !== String(want.age) || number !== want.age || writes !== want.writes;
    });
    return wrong.length + Math.abs(rows + inserted - found.length);
  });
}

/** A type change of a table that users of the old and of the new code write all the time. */
async function measure({ rows, writesPerSecond, seed, say }: DataOptions): Promise<Found> {
  const server = await startDataServer(rows, { isWarm: true });
  try {
    const dsn = await server.database('changed');
    const port = connect(dsn);
    const { expand, backfill, index } = accountEffects(pace);
    const writers = startWriters(dsn, { rows, perSecond: writesPerSecond, seed });
    await delay(2_000);
    writers.turnPage();
    await delay(quietMs);
    const before = writers.turnPage();
    const startedMs = performance.now();
    await port.apply(expand, release);
    writers.startNewCode();
    const total = await port.backfill(backfill, release, () => undefined, never);
    const filledMs = performance.now() - startedMs;
    await port.buildIndex(index, release, () => undefined, never);
    const tookMs = performance.now() - startedMs;
    const during = writers.turnPage();
    await delay(1_000);
    const { expected, failed } = await writers.stop();
    say(`${during.length} writes during the change, ${before.length} before it, ${total.batches} batches`);
    const wrongRows = failed + (await countWrong(dsn, rows, expected));
    const [p99Before, p99During] = [quantile(before, 0.99), quantile(during, 0.99)];
    const ms = (value: number): string => `${value.toFixed(1)} ms`;
    return {
      figures: {
        wrongRows,
        timesP99: p99During / p99Before,
        p99BeforeMs: p99Before,
        p99DuringMs: p99During,
        longestMs: Math.max(...during),
        failedWrites: failed,
        writes: during.length,
        fillSeconds: filledMs / 1_000,
        seconds: tookMs / 1_000,
      },
      rows: [
        ['writes checked: rows written, writes that failed', `${expected.size.toLocaleString('en-US')}, ${failed}`],
        [
          'write p50, p99, longest without migration',
          [quantile(before, 0.5), p99Before, Math.max(...before)].map(ms).join(', '),
        ],
        [
          'write p50, p99, longest while it runs',
          [quantile(during, 0.5), p99During, Math.max(...during)].map(ms).join(', '),
        ],
        [
          'expand, backfill and index under these writes',
          `${(tookMs / 1_000).toFixed(1)} s (index ${((tookMs - filledMs) / 1_000).toFixed(1)} s)`,
        ],
      ],
    };
  } finally {
    await server.stop();
  }
}

export const typeChange: Measure = { name: 'type-change', run: measure };
