import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { verifyAuthor, verifyEffect, verifyKept, verifySlots } from '../core/evidence/seal';
import type { Effect, EffectKind, SealedEffect } from '../core/plan/effects';
import type { Author, Permit, Seal } from '../core/plan/plan';
import { targetDigest } from '../core/plan/target-digest';
import type { Snapshot } from '../core/release/snapshot';
import { contractWorkflowId, reconcileWorkflowId, serviceOf } from '../core/release/messages';
import { PortError } from '../ports/errors';
import type { Ports } from './ports';

export const forged = (what: string, permit: Pick<Permit, 'seal'>): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `${what} does not belong to plan ${permit.seal.planDigest} of ${permit.seal.workflowId}: its seal is wrong. ` +
      'Nothing was changed. Somebody wrote to the namespace, or the seal key of the workers changed; see `spillway doctor`.',
    'SealBroken',
  );

/** A seal is read by everybody who reads the history, so it counts only in the hands of its own release and of what that starts. */
export function isCalledByItsOwn({ workflowId, environment, firstRunId }: Seal): boolean {
  const caller = Context.current().info.workflowExecution?.workflowId;
  const followers = [contractWorkflowId, reconcileWorkflowId].map((idOf) =>
    idOf(environment, serviceOf(workflowId), firstRunId),
  );
  return caller === workflowId || (caller !== undefined && followers.includes(caller));
}

/** Refuses whatever a worker of this environment did not seal itself. */
export function checkPermit(ports: Ports, permit: Permit): void {
  if (permit.seal.environment !== ports.environment.name) throw forged('The release', permit);
  if (!isCalledByItsOwn(permit.seal)) throw forged('The caller', permit);
  if (!verifySlots(ports.sealKey, permit.seal, { slots: permit.roles, mac: permit.rolesMac }))
    throw forged('The slots', permit);
}

/** Refuses words about a release that none of its own says. */
export function checkAuthor(ports: Ports, author: Author): void {
  if (author.seal.environment !== ports.environment.name) throw forged('The release', author);
  if (!isCalledByItsOwn(author.seal)) throw forged('The caller', author);
  if (!verifyAuthor(ports.sealKey, author)) throw forged('The seal', author);
}

/** What a release found before it began, as the worker that took it signed it. */
export type KeptSnapshot = { readonly snapshot: Snapshot; readonly rolesMac: string; readonly keptMac: string };

/** Refuses a snapshot that was changed on its way: what is in it is written back. */
export function checkSnapshot(ports: Ports, seal: Seal, { snapshot, rolesMac, keptMac }: KeptSnapshot): void {
  const isGenuine =
    verifySlots(ports.sealKey, seal, { slots: snapshot.roles, mac: rolesMac }) &&
    verifyKept(ports.sealKey, seal, { snapshot, rolesMac, mac: keptMac });
  if (!isGenuine) throw forged('The snapshot', { seal });
}

/** The effect itself, once its seal and the permit's are checked. */
export function openEffect<K extends EffectKind>(
  ports: Ports,
  permit: Permit,
  sealed: SealedEffect,
  kind: K,
): Extract<Effect, { kind: K }> {
  checkPermit(ports, permit);
  if (!verifyEffect(ports.sealKey, permit.seal, sealed)) throw forged(`Effect ${sealed.effect.key}`, permit);
  if (!isKind(sealed.effect, kind)) throw forged(`Effect ${sealed.effect.key}`, permit);
  checkTarget(ports, sealed.effect);
  return sealed.effect;
}

/** What was done at one address cannot be undone at another: a target that changed in mid-release is left alone. */
function checkTarget({ environment }: Ports, { key, target, targetDigest: sealedDigest }: Effect): void {
  if (sealedDigest === undefined || sealedDigest === targetDigest(environment, target)) return;
  throw new PortError(
    'Conflict',
    `${target} is not what it was when the plan was made, so ${key} is not touched there. ` +
      'Give the worker the environment file of then, or mend the target by hand, and retry.',
  );
}

const isKind = <K extends EffectKind>(effect: Effect, kind: K): effect is Extract<Effect, { kind: K }> =>
  effect.kind === kind;
