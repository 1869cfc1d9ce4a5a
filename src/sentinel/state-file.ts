import { rename } from 'node:fs/promises';
import { createTurns } from '../adapters/turns';
import { readWhole, replaceWhole } from '../adapters/whole-file';
import { onClock } from '../core/sentinel/lease';
import { keptSchema, type LeaseRecords } from '../core/sentinel/record';

/** A clock that only grows, and the wall clock that a restart is measured by; both in milliseconds. */
export type Clocks = { readonly monotonicMs: () => number; readonly wallMs: () => number };

export const realClocks: Clocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

const onClocks = (records: LeaseRecords, fromMs: number, toMs: number): LeaseRecords =>
  Object.fromEntries(Object.entries(records).map(([target, record]) => [target, onClock(record, fromMs, toMs)]));

function parseKept(bytes: Buffer): LeaseRecords | undefined {
  try {
    return keptSchema.parse(JSON.parse(bytes.toString('utf8'))).records;
  } catch {
    return undefined;
  }
}

export type Loaded = {
  readonly records: LeaseRecords;
  /** Where a file that could not be understood was put. */
  readonly setAside?: string;
};

/** Leases on disk. They lie there with wall clock times and are handed out with monotonic ones. */
export function openStateFile(path: string, clocks: Clocks) {
  const inTurn = createTurns();
  let waiting: Promise<void> | undefined;

  return {
    /** What is kept, without touching the file; none where it cannot be understood. */
    async peek(): Promise<LeaseRecords> {
      const bytes = await readWhole(path);
      return (bytes === undefined ? undefined : parseKept(bytes)) ?? {};
    },
    /** What was kept; none where there is no file. A file that is no record is put aside: guarding nothing loudly beats not starting. */
    async load(): Promise<Loaded> {
      const bytes = await readWhole(path);
      if (bytes === undefined) return { records: {} };
      const records = parseKept(bytes);
      if (records !== undefined) return { records: onClocks(records, clocks.wallMs(), clocks.monotonicMs()) };
      const setAside = `${path}.unreadable`;
      await rename(path, setAside);
      return { records: {}, setAside };
    },
    /** Resolves when what `records` says by then is on disk; saves that wait for the disk are one. */
    save(records: () => LeaseRecords): Promise<void> {
      waiting ??= inTurn(async () => {
        waiting = undefined;
        const kept = { version: 1, records: onClocks(records(), clocks.monotonicMs(), clocks.wallMs()) };
        await replaceWhole(path, { bytes: Buffer.from(`${JSON.stringify(kept)}\n`) });
      });
      return waiting;
    },
  };
}
