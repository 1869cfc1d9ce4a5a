import type { Slot } from '../../core/plan/effects';

const slots = ['blue', 'green'] as const;

/** Counters of one server since its HAProxy process began. */
export type RawCounters = {
  /** Final answers, whole or not, good or bad; interim 1xx are not answers. */
  readonly answers: number;
  readonly answers5xx: number;
  /** Requests given up because the server refused every connection. */
  readonly econ: number;
  /** Requests the server left without an answer, or broke off in the middle of one. */
  readonly eresp: number;
  /** Answers broken off or stalled in the middle, those of `eresp` included. */
  readonly srvAbrt: number;
  /** Requests moved to another server because this one failed them. */
  readonly wredis: number;
};

/** What a proxy counted for one slot: requests that came to an end there, and bad ones among them. */
export type Counted = { readonly requests: number; readonly bad: number };

const fields = ['answers', 'answers5xx', 'econ', 'eresp', 'srvAbrt', 'wredis'] as const;

/** True when a counter went down, which only a restart or `clear counters` does. */
const isReset = (before: RawCounters, after: RawCounters): boolean =>
  fields.some((field) => after[field] < before[field]);

/**
 * Requests and failures between two readings, each failed request once.
 * HAProxy counts a broken answer as an answer and in `eresp` and `srv_abrt`, a stalled one in `srv_abrt` only and a
 * missing one in `eresp` only: the larger of the two increments never counts one failure twice.
 */
export const countBetween = (before: RawCounters, after: RawCounters): Counted => {
  const grown = (field: (typeof fields)[number]) => after[field] - before[field];
  const passedOn = grown('econ') + grown('wredis');
  return {
    requests: grown('answers') + passedOn + Math.max(0, grown('eresp') - grown('srvAbrt')),
    bad: grown('answers5xx') + passedOn + Math.max(grown('eresp'), grown('srvAbrt')),
  };
};

export const noCounters: RawCounters = { answers: 0, answers5xx: 0, econ: 0, eresp: 0, srvAbrt: 0, wredis: 0 };

type CounterReading = {
  /** Changes when the process behind the socket does. */
  readonly process: string;
  readonly counters: { readonly [S in Slot]: RawCounters };
};

export type CounterLedger = { readonly counters: { readonly [S in Slot]: Counted }; readonly resets: number };

/** What one proxy counted so far, over all its processes. */
export type CounterKeeper = { add(reading: CounterReading): void; ledger(): CounterLedger };

/** Adds up what one proxy counts; a new process or a falling counter counts from zero. */
export const createCounterKeeper = (): CounterKeeper => {
  let last: CounterReading | undefined;
  let ledger: CounterLedger = {
    counters: { blue: { requests: 0, bad: 0 }, green: { requests: 0, bad: 0 } },
    resets: 0,
  };
  return {
    add(reading) {
      const before = last?.counters;
      const wasReset =
        before !== undefined &&
        (last?.process !== reading.process || slots.some((slot) => isReset(before[slot], reading.counters[slot])));
      const grow = (slot: Slot): Counted => {
        const from = before === undefined || wasReset ? noCounters : before[slot];
        const grown = countBetween(from, reading.counters[slot]);
        const sum = ledger.counters[slot];
        return { requests: sum.requests + grown.requests, bad: sum.bad + grown.bad };
      };
      ledger = { counters: { blue: grow('blue'), green: grow('green') }, resets: ledger.resets + (wasReset ? 1 : 0) };
      last = reading;
    },
    ledger: () => ledger,
  };
};

/** Sums over proxies. */
export const sumLedgers = (ledgers: readonly CounterLedger[]): CounterLedger => {
  const sum = (slot: Slot): Counted => {
    const requests = ledgers.reduce((total, { counters }) => total + counters[slot].requests, 0);
    const bad = ledgers.reduce((total, { counters }) => total + counters[slot].bad, 0);
    // A 5xx answer that also breaks off is two failures in HAProxy's own counters.
    return { requests, bad: Math.min(bad, requests) };
  };
  return {
    counters: { blue: sum('blue'), green: sum('green') },
    resets: ledgers.reduce((total, { resets }) => total + resets, 0),
  };
};
