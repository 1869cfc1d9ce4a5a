import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Effect, Slot } from '../core/plan/effects';
import type { Permit, Plan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import type { LeasePhase, LeaseRefusal } from '../core/sentinel/lease';
import { longestLookAgeMs } from '../core/sentinel/messages';
import { PortError } from '../ports/errors';
import type { SentinelPort } from '../ports/sentinel';
import type { Ports } from './ports';

export type ExposeEffect = Extract<Effect, { kind: 'expose' }>;

export type LeaseStep = {
  readonly phase: LeasePhase;
  readonly ceilingPercent: number;
  /** For a promotion that was made already and is made once more: its lease has ended with it. */
  readonly mayBeOver?: boolean;
};

/** A closing waits for nobody. */
const tellPatienceMs = 300;

export const refusalWords: { readonly [refusal in LeaseRefusal]: string } = {
  expired: 'it ran out, and the gate was closed',
  ended: 'it has ended',
  superseded: 'another release has taken the target over',
  unknown: 'nothing is known of this release',
};

const lost = (sentinel: SentinelPort, target: string, refusal: LeaseRefusal): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `The lease of ${target} is lost: ${refusalWords[refusal]} (${sentinel.name}). Nobody is exposed without one.`,
    'LeaseExpired',
  );

/**
 * Every sentinel of the target holds the lease, or nothing may be exposed.
 * @throws LeaseExpired when one refuses, TargetUnavailable when one does not answer, Rejected when one is demanded and there is none.
 */
export async function takeLease(
  ports: Ports,
  { seal, roles }: Permit,
  { target, lease }: ExposeEffect,
  { phase, ceilingPercent, mayBeOver = false }: LeaseStep,
): Promise<void> {
  const sentinels = ports.sentinels(target);
  if (sentinels.length === 0 && lease.isRequired)
    throw new PortError(
      'Rejected',
      `The plan asks for a sentinel, and ${target} has none any more. Name it under \`sentinels\` of the target again, then retry.`,
    );
  const wanted = { release: seal.firstRunId, roles, phase, ceilingPercent, ttlMs: lease.ttlMs };
  await Promise.all(
    sentinels.map(async (sentinel) => {
      const answer = await sentinel.hold(target, wanted);
      if (answer.isHeld || (mayBeOver && answer.refusal === 'ended')) return;
      throw lost(sentinel, target, answer.refusal);
    }),
  );
}

/** Tells all sentinels what was done already: best effort, short, and noted where it was not heard. */
async function tellSentinels(
  ports: Ports,
  target: string,
  tell: (to: SentinelPort) => Promise<unknown>,
): Promise<void> {
  const told = ports.sentinels(target).map(async (sentinel) => {
    try {
      await tell(sentinel);
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      log.warn('a sentinel was not told what became of its lease', { target, reason: error.message });
    }
  });
  if (told.length > 0) await Promise.race([Promise.all(told), ports.sleep(tellPatienceMs)]);
}

/**
 * Tells the sentinels which slot serves from now on. Where it is not heard the lease runs out, and what an expiry writes
 * is what was written already (a promotion does not expire).
 */
export const endLease = (ports: Ports, { seal, roles }: Permit, { target }: ExposeEffect, serving: Slot) =>
  tellSentinels(ports, target, (sentinel) => sentinel.end(target, { release: seal.firstRunId, roles, serving }));

/** Nobody may raise the canary above this again. */
export function lowerCeiling(
  ports: Ports,
  { seal, roles }: Permit,
  { target, lease: { ttlMs } }: ExposeEffect,
  ceilingPercent: number,
): Promise<void> {
  const lease = { release: seal.firstRunId, roles, phase: 'exposing', ceilingPercent, ttlMs } as const;
  return tellSentinels(ports, target, (sentinel) => sentinel.hold(target, lease));
}

const missing = (message: string): Refusal => ({
  code: 'sentinel-missing',
  kind: 'denied',
  message,
  fix: 'Start the sentinel beside the proxy (`spillway doctor --environment-file` looks at all of them), then start the release again.',
});

async function whyUnfit(sentinel: SentinelPort, target: string): Promise<string | undefined> {
  try {
    const found = (await sentinel.status()).targets[target];
    if (found === undefined) return `The ${sentinel.name} does not guard ${target}.`;
    if (found.unreachable.length > 0)
      return `The ${sentinel.name} cannot guard ${target}: ${found.unreachable.join(' ')}`;
    if (found.lastLookAgeMs !== null && found.lastLookAgeMs <= longestLookAgeMs) return undefined;
    return `The ${sentinel.name} has not looked at ${target} for a while, so it does not guard it.`;
  } catch (error) {
    if (error instanceof PortError) return error.message;
    throw error;
  }
}

/** A sentinel that is named and does not guard would stop the release at its first exposure: better said before anything changes. */
export async function refuseUnguarded(ports: Ports, { targets }: Plan): Promise<readonly Refusal[]> {
  const found = await Promise.all(ports.sentinels(targets.traffic).map((each) => whyUnfit(each, targets.traffic)));
  return found.flatMap((why) => (why === undefined ? [] : [missing(why)]));
}
