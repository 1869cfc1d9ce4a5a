import type { DataOptions, Found, Measure } from '../measure';
import { measureRollback } from '../rollback-with-data';

/** Rows that the new code writes when everybody is on it. */
const written = 10_000;

/** Traffic, code and schema go back at full exposure; what was written since is looked for row by row. */
async function measure({ rows, say }: DataOptions): Promise<Found> {
  const found = await measureRollback({ rows, written, requestsPerSecond: 50, fsync: true, say });
  return {
    figures: {
      rollbackMs: found.rollbackMs,
      lostRows: found.lostRows,
      isProved: found.isProved ? 1 : 0,
    },
    rows: [
      ['rows written since full exposure that are kept', found.keptRows.toLocaleString('en-US')],
      ['what the proof says of the data', found.proof],
    ],
  };
}

export const rollback: Measure = { name: 'rollback', run: measure };
