import type { Json } from '../../core/json';
import type { SampleRow, StorePort } from '../../ports/store';

const flushEveryMs = 5_000;
const mostRows = 900;
const rowEveryMs = 1_000;
/** What a bake of days says each second fills a disk and tells nobody more. */
const denseMs = 600_000;
const sparseRowEveryMs = 10_000;

/**
 * Keeps one raw sample a second, after ten minutes one in ten seconds, and every one that decides anew; hands them to
 * the store beside the watch. The watch never waits for the store; what could not be kept is counted in a gap marker.
 */
export function createSampleBuffer(store: StorePort, release: string) {
  let rows: SampleRow[] = [];
  let lostRows = 0;
  let firstRowMs: number | undefined;
  let lastRowMs = 0;
  let lastAction = '';
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
    /** `read` makes the row, and only where it is kept. */
    add(atMs: number, action: string, read: () => Json): void {
      firstRowMs ??= atMs;
      const everyMs = atMs - firstRowMs < denseMs ? rowEveryMs : sparseRowEveryMs;
      if (atMs - lastRowMs >= everyMs || action !== lastAction) {
        lastRowMs = atMs;
        lastAction = action;
        rows.push({ atMs, sample: read() });
      }
      if (isFlushing || rows.length === 0 || atMs - lastFlushMs < flushEveryMs) return;
      isFlushing = true;
      lastFlushMs = atMs;
      void flush();
    },
    /** Writes what is left; returns when it is stored or the store refused. */
    async end(): Promise<void> {
      if (!isFlushing && rows.length > 0) await flush();
    },
  };
}
