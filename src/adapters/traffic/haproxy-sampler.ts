import { parseReading, type ProcessReading } from './haproxy-reading';
import { askHaproxy } from './haproxy-socket';

/** Reads one HAProxy for everybody who watches a backend of it. */
export type HaproxySampler = {
  /** A reading that has the backend, unless HAProxy has not; readings come in the order they were taken. */
  read(backend: string): Promise<ProcessReading>;
};

export type HaproxySamplerOptions = {
  readonly socket: string;
  readonly timeoutMs: number;
  /** Whoever reads within this time of the last reading's start gets that reading. Default 0: always a new one. */
  readonly shareMs?: number;
};

/** One answer about everything costs less than an answer each for more backends than this, or this share of them all. */
const fewBackends = 8;
const fewShare = 0.1;
/** Longer commands than those for so many do not fit into HAProxy's buffer. */
const mostNamed = 64;
/** Whoever asked within this time will ask again, so the next reading has that backend too. */
const recentMs = 1_000;
/** A proxy or a process that is slow is read more seldom, so that reading takes a quarter of the time at most. */
const restFactor = 4;
const longestShareMs = 250;

const commandFor = (backends: readonly string[] | undefined): string =>
  backends === undefined
    ? 'show servers state;show stat -1 4 -1;show info'
    : [
        ...backends.map((backend) => `show servers state ${backend}`),
        ...backends.map((backend) => `show stat ${backend} 4 -1`),
        'show info',
      ].join(';');

/** One sampler a proxy, however many releases stand behind it. `nowMs` may be any clock that only grows. */
export function createHaproxySampler(
  { socket, timeoutMs, shareMs = 0 }: HaproxySamplerOptions,
  nowMs: () => number = () => performance.now(),
): HaproxySampler {
  const askedAtMs = new Map<string, number>();
  let last: { readonly startedAtMs: number; readonly has: (backend: string) => boolean } | undefined;
  let reading: Promise<ProcessReading> | undefined;
  let next: Promise<ProcessReading> | undefined;
  let paceMs = shareMs;
  /** How many there are in all, as soon as everything was read once. */
  let backendCount = 0;

  const isFew = (count: number): boolean =>
    count <= Math.min(mostNamed, Math.max(fewBackends, fewShare * backendCount));

  async function take(): Promise<ProcessReading> {
    const startedAtMs = nowMs();
    for (const [backend, atMs] of askedAtMs) if (startedAtMs - atMs > recentMs) askedAtMs.delete(backend);
    const backends = isFew(askedAtMs.size) ? [...askedAtMs.keys()] : undefined;
    last = { startedAtMs, has: (backend) => backends?.includes(backend) ?? true };
    try {
      const found = parseReading(await askHaproxy({ socket, command: commandFor(backends), timeoutMs }));
      if (backends === undefined) backendCount = found.backends.size;
      return found;
    } finally {
      if (shareMs > 0) paceMs = Math.min(longestShareMs, Math.max(shareMs, restFactor * (nowMs() - startedAtMs)));
    }
  }
  // One after the other: answers that overtake each other would look like a reset.
  async function takeNext(before: Promise<unknown> | undefined): Promise<ProcessReading> {
    await before?.catch(() => undefined);
    next = undefined;
    reading = take();
    return reading;
  }

  return {
    read(backend) {
      const atMs = nowMs();
      askedAtMs.set(backend, atMs);
      const isFresh = last !== undefined && atMs - last.startedAtMs < paceMs && last.has(backend);
      if (isFresh && reading !== undefined) return reading;
      next ??= takeNext(reading);
      return next;
    },
  };
}
