import type { SampleRow, StorePort } from '../../ports/store';

const flushEveryMs = 5_000;
const mostRows = 900;
const rowEveryMs = 1_000;

/**
 * Keeps one raw sample a second and hands them to the store beside the watch.
 * The watch never waits for the store; what could not be kept is counted in a gap marker.
 */
export function createSampleBuffer(store: StorePort, release: string) {
  let rows: SampleRow[] = [];
  let lostRows = 0;
  let lastRowMs = 0;
  let lastFlushMs = 0;
  let isFlushing = false;

  async function flush(): Promise<void> {
    const batch = rows;
    const gap = lostRows;
    rows = [];
    lostRows = 0;
    try {
      const first = batch[0];
      await store.addSamples(
        release,
        gap > 0 && first !== undefined ? [{ atMs: first.atMs - 1, sample: { gap } }, ...batch] : batch,
      );
    } catch {
      // The store is down: the rows wait for it, and the oldest give way to a marker that says how many.
      const kept = [...batch, ...rows];
      lostRows += gap + Math.max(0, kept.length - mostRows);
      rows = kept.slice(-mostRows);
    } finally {
      isFlushing = false;
    }
  }

  return {
    add(row: SampleRow): void {
      if (row.atMs - lastRowMs >= rowEveryMs) {
        lastRowMs = row.atMs;
        rows.push(row);
      }
      if (isFlushing || rows.length === 0 || row.atMs - lastFlushMs < flushEveryMs) return;
      isFlushing = true;
      lastFlushMs = row.atMs;
      void flush();
    },
    /** Writes what is left; returns when it is stored or the store refused. */
    async end(): Promise<void> {
      if (!isFlushing && rows.length > 0) await flush();
    },
  };
}
