import type { LeaseRefusal } from '../../core/sentinel/lease';
import type { Permit } from '../../core/plan/plan';
import { formatDuration } from '../../core/duration';
import { PortError } from '../../ports/errors';
import type { SentinelPort } from '../../ports/sentinel';
import { refusalWords, type ExposeEffect } from '../lease';
import type { Ports } from '../ports';

const retryEveryMs = 500;

type Kept = {
  readonly sentinel: SentinelPort;
  /** When the last acknowledged renewal was sent. */
  ackMs: number;
  sentMs: number;
  isBusy: boolean;
  /** The lease has ended: by a promotion or a closing, which the workflow knows of. */
  isOver: boolean;
  fault?: string;
  refusal?: LeaseRefusal;
};

/**
 * Renews the lease beside the watch, at every sentinel of the target. No look waits for an answer: what came is found at
 * the next one. `nowMs` must only grow, for a worker that stood still has to notice.
 */
export function createLeaseWatch(
  ports: Ports,
  { seal, roles }: Permit,
  { target, lease: { ttlMs } }: ExposeEffect,
  nowMs: () => number = () => performance.now(),
) {
  const release = seal.firstRunId;
  const startMs = nowMs();
  const all: readonly Kept[] = ports
    .sentinels(target)
    .map((sentinel) => ({ sentinel, ackMs: startMs, sentMs: -Infinity, isBusy: false, isOver: false }));
  let bug: { readonly error: unknown } | undefined;

  /** A lease says that the engine can still turn the release back: a watch alone cannot. */
  async function assertEngineLives(): Promise<void> {
    const run = await ports.describeRun(seal.workflowId);
    if (run?.isRunning === true && run.firstRunId === release) return;
    throw new PortError('Conflict', `${seal.workflowId} does not run any more, so nobody could turn it back.`);
  }

  async function renew(kept: Kept, ceilingPercent: number): Promise<void> {
    const { sentinel } = kept;
    const sentMs = nowMs();
    kept.sentMs = sentMs;
    await assertEngineLives();
    const known = await sentinel.renew(target, release);
    const isLost = !known.isHeld && known.refusal === 'unknown';
    // A sentinel that lost its memory is told again what it guards.
    const lease = { release, roles, phase: 'exposing', ceilingPercent, ttlMs } as const;
    const answer = isLost ? await sentinel.hold(target, lease) : known;
    if (answer.isHeld) {
      kept.ackMs = sentMs;
      delete kept.fault;
    } else if (answer.refusal === 'ended') kept.isOver = true;
    else kept.refusal = answer.refusal;
  }

  function begin(kept: Kept, ceilingPercent: number): void {
    kept.isBusy = true;
    void renew(kept, ceilingPercent)
      .catch((error: unknown) => {
        if (error instanceof PortError) kept.fault = error.message;
        else bug = { error };
      })
      .finally(() => {
        kept.isBusy = false;
      });
  }

  function lossOf({ sentinel, refusal, ackMs, isOver, fault }: Kept): string | undefined {
    if (refusal !== undefined) return `the lease of ${target} is lost: ${refusalWords[refusal]} (${sentinel.name})`;
    if (isOver || nowMs() - ackMs <= ttlMs) return undefined;
    const why = fault ?? 'this worker stood still';
    return `no renewal of the lease of ${target} was acknowledged for ${formatDuration(ttlMs)}: ${why}`;
  }

  return {
    /** Starts the renewals that are due; says why the lease is lost, once it is. */
    look(canaryPercent: number): string | undefined {
      if (bug !== undefined) throw bug.error;
      for (const kept of all) {
        const loss = lossOf(kept);
        if (loss !== undefined) return loss;
        const everyMs = kept.fault === undefined ? ttlMs / 3 : Math.min(retryEveryMs, ttlMs / 3);
        if (!kept.isBusy && !kept.isOver && nowMs() - kept.sentMs >= everyMs) begin(kept, canaryPercent);
      }
      return undefined;
    },
  };
}
