import { endLease, holdLease, renewLease, type LeaseChange, type LeaseRecord } from '../../core/sentinel/lease';
import { PortError } from '../../ports/errors';
import type { SentinelPort } from '../../ports/sentinel';

export type MemorySentinelOptions = {
  readonly targets: readonly string[];
  /** Any clock that only grows. */
  readonly nowMs?: () => number;
};

export type MemorySentinel = SentinelPort & {
  /** Every call fails until called with false. */
  goAway(isAway: boolean): void;
  record(target: string): LeaseRecord | undefined;
};

/** Keeps leases by the same rules and writes nothing: nobody is behind it. */
export const createMemorySentinel = ({
  targets,
  nowMs = () => performance.now(),
}: MemorySentinelOptions): MemorySentinel => {
  const records = new Map<string, LeaseRecord>();
  let isAway = false;

  const answer = async <T>(act: () => T): Promise<T> => {
    await Promise.resolve();
    if (isAway)
      throw new PortError('TargetUnavailable', 'The sentinel in memory was told to be away. Let it come back.');
    return act();
  };
  const change = (target: string, apply: (record: LeaseRecord | undefined) => LeaseChange) =>
    answer(() => {
      if (!targets.includes(target))
        throw new PortError('Rejected', `The sentinel in memory does not guard ${target}. Name it among its targets.`);
      const changed = apply(records.get(target));
      if (changed.record !== undefined) records.set(target, changed.record);
      return changed.answer;
    });

  return {
    name: 'sentinel in memory',
    hold: (target, lease) => change(target, (record) => holdLease(record, lease, nowMs())),
    renew: (target, release) => change(target, (record) => renewLease(record, release, nowMs())),
    end: (target, ending) => change(target, (record) => endLease(record, ending, nowMs())),
    status: () =>
      answer(() => ({
        targets: Object.fromEntries(targets.map((target) => [target, { lastLookAgeMs: 0, unreachable: [] }] as const)),
      })),
    goAway(away) {
      isAway = away;
    },
    record: (target) => records.get(target),
  };
};
