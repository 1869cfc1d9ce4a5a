import { seededRandom } from '../../../src/core/seeded-random';
import { accountEffects, wrongSql } from '../accounts';
import { killFillers } from '../kill-fillers';
import type { DataOptions, Found, Measure } from '../measure';
import { connect, startDataServer, withClient } from '../server';

const batchRows = 10_000;

/** Kills a filling process at random moments of its work; what it had done counts, what it was doing is done again. */
async function measure({ rows, kills, seed }: DataOptions): Promise<Found> {
  const random = seededRandom(seed);
  const server = await startDataServer(rows);
  try {
    const dsn = await server.database('killed');
    await connect(dsn).apply(accountEffects().expand, 'release/killed');
    const found = await killFillers(dsn, { kills, batchRows, afterMs: () => Math.floor(random() * 200) });
    const wrong = await withClient(dsn, (client) => client.query(wrongSql));
    const unfilled = wrong.rowCount ?? 0;
    return {
      figures: {
        kills: found.kills,
        redoneMost: found.redoneMost,
        rowsOffMark: unfilled + Math.abs(rows - found.rows),
        batchesDone: found.done,
        batchesBegun: found.begun,
      },
      rows: [
        [`kills -9, batches of ${batchRows.toLocaleString('en-US')} rows`, String(found.kills)],
        ['batches begun, of which counted', `${found.begun}, ${found.done}`],
        ['rows filled, left unfilled', `${found.rows.toLocaleString('en-US')}, ${unfilled}`],
      ],
    };
  } finally {
    await server.stop();
  }
}

export const kill: Measure = { name: 'kill', run: measure };
