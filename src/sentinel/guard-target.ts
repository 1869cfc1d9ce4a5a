import type { Logger } from 'pino';
import { advance, endLease, holdLease, renewLease } from '../core/sentinel/lease';
import type { Lease, LeaseAnswer, LeaseChange, LeaseEnding, LeaseRecord } from '../core/sentinel/lease';
import type { GuardStatus } from '../core/sentinel/messages';
import { guardProxy } from './guard-proxy';
import type { Proxy } from './proxies';

export type TargetGuardOptions = {
  readonly target: string;
  readonly proxies: readonly Proxy[];
  readonly kept: LeaseRecord | undefined;
  readonly nowMs: () => number;
  readonly log: Logger;
  /** Resolves when what is known now is on disk. */
  readonly save: () => Promise<void>;
  readonly onWritten: (why: string) => void;
  readonly onExpired: () => void;
};

const shownLease = (record: LeaseRecord, nowMs: number): GuardStatus['lease'] => {
  const { state, release, term, roles } = record;
  const common = { state, release, term, serving: record.state === 'ended' ? record.serving : roles.baseline };
  if (record.state !== 'held') return common;
  const { phase, ceilingPercent, expiresAtMs } = record;
  return { ...common, phase, ceilingPercent, ...(phase === 'dark' ? {} : { expiresInMs: expiresAtMs - nowMs }) };
};

/** The lease of one target and the guards of its proxies. */
export function guardTarget(options: TargetGuardOptions) {
  const { target, nowMs, save, onExpired } = options;
  const log = options.log.child({ target });
  let record = options.kept;

  /** Time passes: what is due expires, whoever looks first. */
  function current(): LeaseRecord | undefined {
    if (record === undefined) return undefined;
    const next = advance(record, nowMs());
    if (next === record) return record;
    record = next;
    onExpired();
    log.error({ release: record.release, term: record.term }, 'the lease ran out: the gate closes');
    // The gate is closed whatever the disk says; an older record on it expires as well.
    save().catch((error: unknown) => log.error({ error: String(error) }, 'the expiry is not on disk'));
    return record;
  }

  const proxies = options.proxies.map((proxy) =>
    guardProxy({ proxy, record: current, nowMs, log, onWritten: options.onWritten }),
  );

  async function change(apply: (before: LeaseRecord | undefined) => LeaseChange): Promise<LeaseAnswer> {
    const before = current();
    const changed = apply(before);
    const isOther = before?.state !== changed.record?.state || before?.term !== changed.record?.term;
    record = changed.record;
    if (record !== undefined && isOther)
      log.info({ state: record.state, release: record.release, term: record.term }, 'lease');
    for (const proxy of proxies) proxy.wake();
    await save();
    return changed.answer;
  }

  return {
    record: current,
    hold: (lease: Lease) => change((before) => holdLease(before, lease, nowMs())),
    renew: (release: string) => change((before) => renewLease(before, release, nowMs())),
    end: (ending: LeaseEnding) => change((before) => endLease(before, ending, nowMs())),
    status(): GuardStatus {
      const views = proxies.map((proxy) => proxy.view());
      const looks = views.map(({ lookedAtMs }) => lookedAtMs);
      const oldest = looks.reduce<number | undefined>(
        (least, each) => (least === undefined || each === undefined ? undefined : Math.min(least, each)),
        Infinity,
      );
      const known = current();
      const alarm = views.find((view) => view.alarm !== undefined)?.alarm;
      const split = views[0]?.split;
      return {
        lastLookAgeMs: oldest === undefined ? null : Math.round(nowMs() - oldest),
        unreachable: views.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
        ...(alarm === undefined ? {} : { alarm }),
        ...(split === undefined ? {} : { split }),
        ...(known === undefined ? {} : { lease: shownLease(known, nowMs()) }),
      };
    },
    /** Rejects with the first bug of a guard. */
    failed: Promise.all(proxies.map(({ done }) => done)),
    stop: () => Promise.all(proxies.map((proxy) => proxy.stop())),
  };
}

export type TargetGuard = ReturnType<typeof guardTarget>;
