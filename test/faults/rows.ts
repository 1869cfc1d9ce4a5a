import { Pool } from 'pg';
import type { RowFact } from './checker/facts';
import type { World } from './world';

/** What the versions of a service write into its database, and what the database confirmed of it. */
export type Rows = {
  /** One user's request to this version. */
  write(version: string): Promise<void>;
  /** Rows that were added. */
  written(): readonly RowFact[];
  /** Totals that a row of the beginning may hold by now, by its ref: more than one where an answer was lost. */
  changed(): ReadonlyMap<string, readonly number[]>;
  /** Requests that the database could not take from a version: it does not fit the schema. */
  misfits(): readonly string[];
  /** Users make a pause until the next `reset`; resolves when what they had asked for is answered. */
  pause(): Promise<void>;
  reset(): void;
  close(): Promise<void>;
};

export function createRows(dsn: string, world: World): Rows {
  const pool = new Pool({ connectionString: dsn, max: 3, connectionTimeoutMillis: 2_000 });
  // A database that goes away tells the idle connections too; the next request makes a new one.
  pool.on('error', () => undefined);
  let written: RowFact[] = [];
  let changed = new Map<string, readonly number[]>();
  let misfits: string[] = [];
  let requests = 0;
  const busy = new Set<string>();
  const underWay = new Set<Promise<void>>();
  let isPaused = false;

  /** Whether the database confirmed it. */
  async function tell(version: string, sql: string, values: readonly unknown[]): Promise<boolean> {
    try {
      await pool.query(sql, [...values]);
      return true;
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
      // Classes 42 and 23: the schema does not fit the code. Anything else is the database being away.
      if (/^(42|23)/.test(code)) misfits.push(`${version}: ${code}`);
      return false;
    }
  }

  async function change(version: string, nth: number): Promise<void> {
    // A prime step goes through all rows of the beginning, one far from the next.
    const before = world.baseRows[((nth >> 1) * 7_919) % world.baseRows.length];
    if (before === undefined || world.updateOf === undefined || busy.has(before.ref)) return;
    const { ref } = before;
    const mine = changed;
    const total = 1_000_000 + nth;
    const earlier = mine.get(ref) ?? [before.total];
    busy.add(ref);
    // Until it is confirmed the row may hold either.
    mine.set(ref, [...earlier, total]);
    if (await tell(version, world.updateOf(version), [ref, total])) mine.set(ref, [total]);
    busy.delete(ref);
  }

  async function add(version: string, nth: number): Promise<void> {
    const row = { ref: `${version}-${nth}`, name: `Given${nth} Family${nth}`, total: nth };
    const mine = written;
    if (await tell(version, world.insertOf(version), [row.ref, row.name, row.total])) mine.push(row);
  }

  return {
    write(version) {
      if (isPaused) return Promise.resolve();
      requests += 1;
      const isChange = world.updateOf !== undefined && requests % 2 === 0;
      const work = (isChange ? change : add)(version, requests);
      underWay.add(work);
      return work.finally(() => underWay.delete(work));
    },
    written: () => written,
    changed: () => changed,
    misfits: () => misfits,
    async pause() {
      isPaused = true;
      await Promise.all(underWay);
    },
    reset() {
      isPaused = false;
      written = [];
      changed = new Map();
      misfits = [];
    },
    close: () => pool.end(),
  };
}
