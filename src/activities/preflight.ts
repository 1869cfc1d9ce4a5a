import { ApplicationFailure } from '@temporalio/common';
import { sealSlots, verifySeal } from '../core/evidence/seal';
import { atRest } from '../core/release/at-rest';
import type { Refusal } from '../core/plan/refusal';
import type { SealedPlan } from '../core/plan/plan';
import type { Snapshot } from '../core/release/snapshot';
import { PortError } from '../ports/errors';
import { keepAlive } from './keep-alive';
import { refuseUnguarded } from './lease';
import type { Ports } from './ports';
import { readErrors, readWorld } from './world';

export type PreflightResult =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly rolesMac: string }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

export function checkSeal(ports: Ports, sealed: SealedPlan): void {
  if (!verifySeal(ports.sealKey, sealed))
    throw ApplicationFailure.nonRetryable(
      `Plan ${sealed.seal.planDigest} was not sealed by a worker of environment ${ports.environment.name}. Nothing was changed.`,
      'SealBroken',
    );
}

/** Looks at every target before anything changes and takes the snapshot that a rollback must give back. */
export const createPreflightActivities = (ports: Ports) => ({
  preflight: ({ sealed }: { readonly sealed: SealedPlan }): Promise<PreflightResult> =>
    keepAlive(async () => {
      checkSeal(ports, sealed);
      const { plan, seal } = sealed;
      try {
        const world = await readWorld(ports, plan, undefined);
        const rest = atRest(plan, world);
        if (!rest.ok) return { ok: false, refusals: rest.refusals };
        const unguarded = await refuseUnguarded(ports, plan);
        if (unguarded.length > 0) return { ok: false, refusals: unguarded };
        const baselineErrors = await readErrors(ports, plan, rest.roles.baseline);
        const snapshot: Snapshot = { world: { ...world, baselineErrors }, roles: rest.roles };
        return { ok: true, snapshot, rolesMac: sealSlots(ports.sealKey, seal, rest.roles) };
      } catch (error) {
        if (!(error instanceof PortError) || error.code === 'TargetUnavailable') throw error;
        const refusal: Refusal = {
          code: 'target-refuses',
          kind: 'denied',
          message: error.message,
          fix: 'Mend the target, then start again.',
        };
        return { ok: false, refusals: [refusal] };
      }
    }),
});
