import { Agent } from 'node:http';
import { createTally, isOf, isOk } from './load-records';
import type { LoadCounts, LoadRecord } from './load-records';
import { createSender, nowMs } from './load-sender';
import type { LoadRequest, SentRequest } from './load-sender';

export interface LoadOptions {
  readonly url: string;
  readonly requestsPerSecond: number;
  /** How many keep-alive connections the load may hold; a request that finds none free waits. */
  readonly connections: number;
  /** Sent evenly, in no period; repeat a path to send it more often. */
  readonly paths?: readonly (string | LoadRequest)[];
  readonly headers?: Readonly<Record<string, string>>;
  /** A request without a whole answer after this long fails with `TIMEOUT`. */
  readonly timeoutMs?: number;
  /** Records kept; the oldest half goes when twice as many are there. Counts take in all. */
  readonly recordsKept?: number;
}

interface LoadReport extends LoadCounts {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A running load. All times are epoch milliseconds with a fraction. */
export interface Load {
  /** Counts of all requests; `sent` is `ok`, `failed` and `inFlight` together. */
  readonly snapshot: () => LoadCounts & { readonly inFlight: number };
  /** Counts of the finished requests that started at this time or later. */
  readonly since: (startedAt: number) => LoadCounts;
  /** Finished requests that started from `fromMs` and before `toMs`, in the order they finished. */
  readonly records: (fromMs?: number, toMs?: number) => readonly LoadRecord[];
  /** When the last request answered by this slot or version (and started after `after`) was started. */
  readonly lastStartedTo: (slotOrVersion: string, after?: number) => number | undefined;
  /** The request that failed first (by the time its answer came) among those the slot or version answered. */
  readonly firstFailure: (slotOrVersion: string, after?: number) => LoadRecord | undefined;
  /** The share (0 to 1) of answered requests in the time that the slot answered, and their number. */
  readonly shareOf: (
    slot: string,
    fromMs: number,
    toMs: number,
  ) => { readonly share: number; readonly requests: number };
  /** Sends no more, waits for what is under way and closes the connections. */
  readonly stop: () => Promise<LoadReport>;
}

const tickMs = 5;
const mostCatchUpMs = 1000;
const defaultRecordsKept = 500_000;

/**
 * Starts an open-loop load: requests leave at an even pace whatever happens to those before them.
 * A fault of the service never throws; it is counted.
 */
export function startLoad(options: LoadOptions): Load {
  const { requestsPerSecond, recordsKept = defaultRecordsKept } = options;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: options.connections,
    maxFreeSockets: options.connections,
    // In turn, so that no connection idles long enough for the proxy to close it under a request.
    scheduling: 'fifo',
  });
  const tally = createTally();
  const send = createSender(options, agent);
  const underWay = new Set<SentRequest>();
  const startedAt = nowMs();
  let finished: LoadRecord[] = [];
  let sent = 0;
  let pacedFrom = startedAt;
  let pacedSent = 0;

  function keep(record: LoadRecord): void {
    tally.add(record);
    finished.push(record);
    if (finished.length >= recordsKept * 2) finished = finished.slice(-recordsKept);
  }

  function tick(): void {
    const at = nowMs();
    let due = Math.floor(((at - pacedFrom) * requestsPerSecond) / 1000) - pacedSent;
    if (due > (requestsPerSecond * mostCatchUpMs) / 1000 + 1) {
      // The process itself stood still: go on from here, because a flood would say nothing about the service.
      pacedFrom = at;
      pacedSent = 0;
      due = 0;
    }
    for (let count = 0; count < due; count += 1) sendOne();
    giveUpLate();
  }

  function giveUpLate(): void {
    const at = nowMs();
    for (const one of underWay) {
      if (one.sentAt + one.timeoutMs > at) break;
      one.giveUp();
    }
  }

  function sendOne(): void {
    const one = send(sent, (record) => {
      underWay.delete(one);
      keep(record);
    });
    underWay.add(one);
    sent += 1;
    pacedSent += 1;
  }

  const timer = setInterval(tick, tickMs);
  const { records, ...questions } = createQuestions(() => finished);

  async function stop(): Promise<LoadReport> {
    clearInterval(timer);
    const sentUntil = nowMs();
    const sweep = setInterval(giveUpLate, tickMs);
    await Promise.all([...underWay].map((one) => one.settled));
    clearInterval(sweep);
    agent.destroy();
    const durations = records()
      .map((record) => record.durationMs)
      .sort((a, b) => a - b);
    const quantile = (share: number): number => durations[Math.max(0, Math.ceil(share * durations.length) - 1)] ?? 0;
    return {
      ...tally.counts(),
      startedAt,
      endedAt: nowMs(),
      requestsPerSecond: (sent * 1000) / Math.max(1, sentUntil - startedAt),
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      maxMs: quantile(1),
    };
  }

  return { snapshot: () => ({ ...tally.counts(), sent, inFlight: underWay.size }), records, ...questions, stop };
}

/** The questions about finished requests, asked of whatever records are kept. */
function createQuestions(finished: () => readonly LoadRecord[]): Omit<Load, 'snapshot' | 'stop'> {
  const records = (fromMs = 0, toMs = Infinity): readonly LoadRecord[] =>
    finished().filter((record) => record.startedAt >= fromMs && record.startedAt < toMs);
  return {
    records,
    since: (startedAt) => {
      const tally = createTally();
      records(startedAt).forEach(tally.add);
      return tally.counts();
    },
    lastStartedTo: (slotOrVersion, after = 0) => {
      let last: number | undefined;
      for (const record of finished()) {
        if (isOf(record, slotOrVersion) && record.startedAt > Math.max(after, last ?? 0)) last = record.startedAt;
      }
      return last;
    },
    // Records are kept in the order their answers came.
    firstFailure: (slotOrVersion, after = 0) =>
      finished().find((record) => isOf(record, slotOrVersion) && !isOk(record) && record.startedAt >= after),
    shareOf: (slot, fromMs, toMs) => {
      const answered = records(fromMs, toMs).filter((record) => record.slot !== '');
      const ofSlot = answered.filter((record) => record.slot === slot).length;
      return { share: answered.length === 0 ? 0 : ofSlot / answered.length, requests: answered.length };
    },
  };
}
