import { Pool } from 'pg';
import { seededRandom } from '../../src/core/seeded-random';

/** What a row has to hold in the end, by its id: its age and how often it was written. */
export type Expected = Map<number, { age: number; writes: number }>;

/** Milliseconds from the moment a write was due to its answer, in the order of the due moments. */
export type Writers = {
  /** Begins a new list of latencies and gives the one that was. */
  turnPage(): readonly number[];
  /** Ends after the writes that are under way; gives what the rows have to hold. */
  stop(): Promise<{ readonly expected: Expected; readonly failed: number }>;
};

const sessions = 8;
/** Every twentieth write is a new row. */
const insertShare = 0.05;

const old = {
  name: 'old',
  update: 'update accounts set age = $2::text, writes = writes + 1 where id = $1',
  insert: "insert into accounts (id, name, email, age, writes) values ($1, 'new', 'new@example.com', $2::text, 1)",
};
const fresh = {
  name: 'new',
  update: 'update accounts set age_number = $2, writes = writes + 1 where id = $1',
  insert: "insert into accounts (id, name, email, age_number, writes) values ($1, 'new', 'new@example.com', $2, 1)",
};

/**
 * Users of the old code and, once `startNewCode` is called, of the new code too. Writes are due at fixed moments whether
 * or not earlier ones were answered, so that a stall is counted in full. A row belongs to one writer at a time, so that
 * its last value is known.
 */
export function startWriters(
  dsn: string,
  { rows, perSecond, seed }: { readonly rows: number; readonly perSecond: number; readonly seed: number },
): Writers & { startNewCode(): void } {
  const pool = new Pool({ connectionString: dsn, max: sessions, application_name: 'users' });
  const random = seededRandom(seed);
  const expected: Expected = new Map();
  const busy = new Set<number>();
  const underWay = new Set<Promise<void>>();
  let page: number[] = [];
  let isNewCodeOn = false;
  let failed = 0;
  let nextId = rows;
  let due = performance.now();

  async function write(dueMs: number): Promise<void> {
    const code = isNewCodeOn && random() < 0.5 ? fresh : old;
    const age = 18 + Math.floor(random() * 80);
    const isInsert = random() < insertShare;
    let id = isInsert ? (nextId += 1) : 1 + Math.floor(random() * rows);
    while (busy.has(id)) id = 1 + Math.floor(random() * rows);
    const mine = page;
    busy.add(id);
    try {
      await pool.query(
        { name: `${code.name} ${isInsert ? 'insert' : 'update'}`, text: isInsert ? code.insert : code.update },
        [id, age],
      );
      expected.set(id, { age, writes: (expected.get(id)?.writes ?? 0) + 1 });
    } catch {
      failed += 1;
    } finally {
      busy.delete(id);
      mine.push(performance.now() - dueMs);
    }
  }

  const timer = setInterval(() => {
    for (; due <= performance.now(); due += 1_000 / perSecond) {
      const writing = write(due);
      underWay.add(writing);
      void writing.finally(() => underWay.delete(writing));
    }
  }, 1);

  return {
    turnPage() {
      const told = page;
      page = [];
      return told;
    },
    startNewCode() {
      isNewCodeOn = true;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      await pool.end();
      return { expected, failed };
    },
  };
}
