import { setTimeout as delay } from 'node:timers/promises';
import type { DataProgress } from '../../core/backfill/progress';
import type { BackfillRule } from '../../core/backfill/rule';
import { formatDuration } from '../../core/duration';
import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';
import { createLentLock } from './lent-lock';
import { createReplicaLag } from './replica-lag';

const againMs = 250;

export type RestWatch = {
  readonly signal: AbortSignal;
  readonly whyRest: (() => Promise<string | undefined>) | undefined;
  /** Told again and again while it rests. */
  readonly tell: (resting: NonNullable<DataProgress['resting']>) => void;
};

/**
 * Waits between two batches: the declared pause, and for as long as a replica is behind, somebody says why to rest, or another
 * release is at the database. The migration lock is everybody's meanwhile, and held again when it returns, unless it was stopped.
 * @throws PortError `Rejected` when the longest rest is over.
 */
export function createRests(session: Session, rule: BackfillRule | undefined, where: string, watch: RestWatch) {
  const readLag = rule === undefined ? undefined : createReplicaLag(session, rule.throttle.replicaLagMs, where);
  const lock = createLentLock(session);
  let hasBegun = false;

  const why = async (): Promise<string | undefined> => (await readLag?.()) ?? (await watch.whyRest?.());
  const pause = (ms: number) => delay(ms, undefined, { signal: watch.signal }).catch(() => undefined);

  return async (): Promise<void> => {
    const restMs = rule?.throttle.restMs ?? 0;
    if (hasBegun && restMs > 0) await pause(restMs);
    hasBegun = true;
    const sinceMs = performance.now();
    const untilMs = rule?.restAtMostMs === undefined ? undefined : Date.now() + rule.restAtMostMs;
    for (;;) {
      const reason = await why();
      if (reason !== undefined) await lock.lend();
      const because = reason ?? (await lock.whyNot());
      if (because === undefined || watch.signal.aborted) return;
      watch.tell({ because, ...(untilMs === undefined ? {} : { untilMs }) });
      const restedMs = performance.now() - sinceMs;
      if (rule?.restAtMostMs !== undefined && restedMs >= rule.restAtMostMs)
        throw new PortError(
          'Rejected',
          `${where}: rested for ${formatDuration(restedMs)} because ${because}; mend that and start a new release, ` +
            'which goes on after the rows that are done, or raise `noData.holdFor`',
        );
      await pause(againMs);
    }
  };
}
