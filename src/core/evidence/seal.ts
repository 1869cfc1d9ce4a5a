import { hmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { canonicalJson } from '../canonical';
import type { Json } from '../json';
import { planDigest } from '../plan/digest';
import type { Effect, SealedEffect, Slots } from '../plan/effects';
import type { Author, Plan, RecoveryGrant, Seal, SealedPlan } from '../plan/plan';
import type { Snapshot } from '../release/snapshot';

const leastKeyBytes = 32;

/** What a MAC is about; a MAC made for one thing never fits another. */
type Domain = 'seal' | 'effect' | 'slots' | 'kept' | 'recovery' | 'setting';

export type SealBinding = Pick<Seal, 'environment' | 'workflowId' | 'firstRunId'>;

/** Binds a plan and each of its effects to one run of one release. `key`: at least 32 bytes that only workers have. */
export function sealPlan(key: Uint8Array, plan: Plan, binding: SealBinding): SealedPlan {
  const seal: Seal = {
    planDigest: planDigest(plan),
    environment: binding.environment,
    workflowId: binding.workflowId,
    firstRunId: binding.firstRunId,
  };
  const sealEffect = (effect: Effect): SealedEffect => ({ effect, mac: macOf(key, 'effect', { seal, effect }) });
  return {
    plan,
    seal,
    mac: macOf(key, 'seal', seal),
    effects: plan.effects.map(sealEffect),
    contract: plan.contract.map(sealEffect),
  };
}

/** Whether the seal alone was made with this key: enough for what only writes down. */
export const verifyAuthor = (key: Uint8Array, { seal, mac }: Pick<Author, 'seal' | 'mac'>): boolean =>
  isSame(mac, macOf(key, 'seal', seal));

/** Whether plan, seal and every effect belong together and were sealed with this key. */
export function verifySeal(key: Uint8Array, sealed: SealedPlan): boolean {
  const { plan, seal } = sealed;
  const isComplete = (effects: readonly Effect[], listed: readonly SealedEffect[]): boolean =>
    canonicalJson(effects) === canonicalJson(listed.map((item) => item.effect)) &&
    listed.every((item) => verifyEffect(key, seal, item));
  return (
    verifyAuthor(key, sealed) &&
    seal.planDigest === planDigest(plan) &&
    seal.environment === plan.environment &&
    isComplete(plan.effects, sealed.effects) &&
    isComplete(plan.contract, sealed.contract)
  );
}

/** Whether this effect was sealed with this key for exactly this seal. */
export function verifyEffect(key: Uint8Array, seal: Seal, sealed: SealedEffect): boolean {
  return isSame(sealed.mac, macOf(key, 'effect', { seal, effect: sealed.effect }));
}

/** MAC over which slot is which, so that nobody can turn a release against the baseline. */
export function sealSlots(key: Uint8Array, seal: Seal, slots: Slots): string {
  return macOf(key, 'slots', { seal, slots });
}

/** Whether `mac` is what `sealSlots` gave for these slots. */
export function verifySlots(
  key: Uint8Array,
  seal: Seal,
  sealed: { readonly slots: Slots; readonly mac: string },
): boolean {
  return isSame(sealed.mac, sealSlots(key, seal, sealed.slots));
}

type Kept = { readonly snapshot: Snapshot; readonly rolesMac: string };

/** MAC over what is kept of a release, so that a rollback never restores what somebody wrote into the store. */
export const sealKept = (key: Uint8Array, seal: Seal, { snapshot, rolesMac }: Kept): string =>
  macOf(key, 'kept', { seal, snapshot, rolesMac });

/** Whether `mac` is what `sealKept` gave for these. */
export const verifyKept = (key: Uint8Array, seal: Seal, kept: Kept & { readonly mac: string }): boolean =>
  isSame(kept.mac, sealKept(key, seal, kept));

/** Lets one run, and those that go on from it, undo what the release of the seal did. */
export const grantRecovery = (key: Uint8Array, seal: Seal, firstRunId: string): RecoveryGrant => ({
  firstRunId,
  mac: macOf(key, 'recovery', { seal, firstRunId }),
});

/** Whether a worker granted exactly this. */
export const verifyGrant = (key: Uint8Array, seal: Seal, { firstRunId, mac }: RecoveryGrant): boolean =>
  isSame(mac, macOf(key, 'recovery', { seal, firstRunId }));

/** Names the value of a flag or configuration key so that nobody can find it out by guessing; none: it is not there. */
export const digestSetting = (key: Uint8Array, id: string, value: readonly Json[]): string =>
  macOf(key, 'setting', { id, value });

function macOf(key: Uint8Array, domain: Domain, content: unknown): string {
  if (key.length < leastKeyBytes) {
    throw new RangeError(
      `The seal key has ${key.length} bytes and needs at least ${leastKeyBytes}: a short key can be guessed. ` +
        'Point `sealKey` of the environment at a longer secret.',
    );
  }
  return bytesToHex(hmac(sha256, key, utf8ToBytes(`spillway/v1/${domain}\n${canonicalJson(content)}`)));
}

// Takes the same time wherever the difference is; forged payloads may hold anything, hence the type check.
function isSame(given: unknown, expected: string): boolean {
  if (typeof given !== 'string' || given.length !== expected.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i += 1) difference |= given.charCodeAt(i) ^ expected.charCodeAt(i);
  return difference === 0;
}
