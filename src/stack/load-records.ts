/** One finished request. Times are epoch milliseconds with a fraction. */
export interface LoadRecord {
  readonly startedAt: number;
  readonly durationMs: number;
  /** The HTTP status, or 0 when no whole answer came. */
  readonly status: number;
  /** The error code when no whole answer came, such as `ECONNRESET`; else empty. */
  readonly error: string;
  /** Of the `x-slot` header; empty when no answer came. */
  readonly slot: string;
  /** Of the `x-version` header; empty when no answer came. */
  readonly version: string;
}

interface LoadTally {
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
}

/** Counts of requests; `failed` is everything but 2xx, and takes in `non2xx`, `resets` and all other errors. */
export interface LoadCounts extends LoadTally {
  readonly non2xx: number;
  readonly resets: number;
  readonly bySlot: Readonly<Record<string, LoadTally>>;
  readonly byVersion: Readonly<Record<string, LoadTally>>;
  /** How often each status or error code came. */
  readonly byOutcome: Readonly<Record<string, number>>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const resetCodes = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** @returns whether the request was answered with 2xx */
export const isOk = (record: LoadRecord): boolean => record.status >= 200 && record.status < 300;

/** @returns whether the record was answered by the slot or version of this name */
export const isOf = (record: LoadRecord, name: string): boolean => record.slot === name || record.version === name;

/** Adds up finished requests as they come. */
export function createTally(): { readonly add: (record: LoadRecord) => void; readonly counts: () => LoadCounts } {
  const total: Mutable<LoadTally> = { sent: 0, ok: 0, failed: 0 };
  const bySlot = new Map<string, Mutable<LoadTally>>();
  const byVersion = new Map<string, Mutable<LoadTally>>();
  const byOutcome = new Map<string, number>();
  let non2xx = 0;
  let resets = 0;

  function add(record: LoadRecord): void {
    const good = isOk(record);
    addTo(total, good);
    if (record.slot !== '') addTo(tallyOf(bySlot, record.slot), good);
    if (record.version !== '') addTo(tallyOf(byVersion, record.version), good);
    if (record.status !== 0 && !good) non2xx += 1;
    if (resetCodes.has(record.error)) resets += 1;
    const outcome = record.error === '' ? String(record.status) : record.error;
    byOutcome.set(outcome, (byOutcome.get(outcome) ?? 0) + 1);
  }

  const counts = (): LoadCounts => ({
    ...total,
    non2xx,
    resets,
    bySlot: copyOf(bySlot),
    byVersion: copyOf(byVersion),
    byOutcome: Object.fromEntries(byOutcome),
  });
  return { add, counts };
}

function addTo(tally: Mutable<LoadTally>, good: boolean): void {
  tally.sent += 1;
  if (good) tally.ok += 1;
  else tally.failed += 1;
}

function tallyOf(tallies: Map<string, Mutable<LoadTally>>, name: string): Mutable<LoadTally> {
  const known = tallies.get(name);
  if (known !== undefined) return known;
  const fresh = { sent: 0, ok: 0, failed: 0 };
  tallies.set(name, fresh);
  return fresh;
}

const copyOf = (tallies: Map<string, Mutable<LoadTally>>): Record<string, LoadTally> =>
  Object.fromEntries([...tallies].map(([name, tally]) => [name, { ...tally }]));
