import type { TrafficPort, TrafficReading } from '../../ports/traffic';

export type SharedReader = Pick<TrafficPort, 'read'>;

/**
 * One sampler for many watchers of the same proxies: whoever reads within `intervalMs` of the last read's start gets
 * that read's answer, or its fault. `nowMs` may be any clock that only grows.
 */
export const createSharedReader = (
  port: SharedReader,
  intervalMs: number,
  nowMs: () => number = () => performance.now(),
): SharedReader => {
  let last: { readonly startedAtMs: number; readonly reading: Promise<TrafficReading> } | undefined;
  return {
    read() {
      const startedAtMs = nowMs();
      if (last === undefined || startedAtMs - last.startedAtMs >= intervalMs)
        last = { startedAtMs, reading: port.read() };
      return last.reading;
    },
  };
};
