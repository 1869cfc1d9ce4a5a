import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { sealKept, sealSlots, verifySeal } from '../core/evidence/seal';
import type { KeptRelease } from '../core/evidence/kept';
import { atRest } from '../core/release/at-rest';
import type { Refusal } from '../core/plan/refusal';
import { refuseTrials } from '../core/plan/refuse-trials';
import type { TrialReport } from '../core/plan/trial';
import type { SealedPlan } from '../core/plan/plan';
import { compareRole } from '../core/release/compare-role';
import { releaseWorkflowId } from '../core/release/messages';
import type { Snapshot } from '../core/release/snapshot';
import { PortError } from '../ports/errors';
import { refuseOtherSettings } from './combinations';
import { refuseData } from './data-preflight';
import { enterDatabases, withoutSchemas } from './enter-databases';
import { foretellFlags } from './foretell-flags';
import { readGuardrails } from './guardrail-band';
import { keepAlive } from './keep-alive';
import { refuseUnguarded } from './lease';
import { refuseOverOpen } from './open-releases';
import { checkSnapshot, isCalledByItsOwn, type KeptSnapshot } from './permit';
import type { Ports } from './ports';
import { refuseBlindProbe } from './probe-cohorts';
import { askStore } from './release-runs';
import { refuseRotations } from './rotations';
import { refuseUnwritableFiles } from './try-files';
import { tryMigrations } from './try-migrations';
import { errorWindowMs, readErrors, readWorld } from './world';

export type PreflightResult =
  | (KeptSnapshot & {
      readonly ok: true;
      /** Why the store did not keep it; left out when it did. */
      readonly notKept?: string;
      /** What came of trying every undo on a copy; left out where nothing is migrated. */
      readonly trials?: readonly TrialReport[];
    })
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

export function checkSeal(ports: Ports, sealed: SealedPlan): void {
  if (!verifySeal(ports.sealKey, sealed))
    throw ApplicationFailure.nonRetryable(
      `Plan ${sealed.seal.planDigest} was not sealed by a worker of environment ${ports.environment.name}. Nothing was changed.`,
      'SealBroken',
    );
}

export type PreflightInput = { readonly sealed: SealedPlan; readonly requestedBy: string };
export type KeepInput = PreflightInput & KeptSnapshot;

/** Counts as newer than every attempt of the preflight: it is what the release goes by. */
const settled = 1_000_000;

const keptOf = (input: KeepInput, attempt: number): KeptRelease => ({
  release: input.sealed.seal.firstRunId,
  service: input.sealed.plan.service,
  environment: input.sealed.plan.environment,
  version: input.sealed.plan.version,
  requestedBy: input.requestedBy,
  sealed: input.sealed,
  snapshot: input.snapshot,
  rolesMac: input.rolesMac,
  attempt,
  mac: input.keptMac,
});

/** The slot that serves and the one that the last promotion recorded must be the same; a store that is away says nothing. */
async function refuseOtherRole(
  ports: Ports,
  { plan }: SealedPlan,
  baseline: 'blue' | 'green',
): Promise<readonly Refusal[]> {
  const { name } = ports.environment;
  const asked = await askStore(ports, (store) => store.role(name, plan.service));
  return 'answer' in asked ? compareRole(plan, asked.answer, baseline) : [];
}

/** A rate by fewer requests rests on chance, and none at all may be a proxy that was restarted just then. */
const leastForRate = 100;

const loadOf = (requests: number): { readonly loadRps?: number } =>
  requests < leastForRate ? {} : { loadRps: (requests * 1_000) / errorWindowMs };

/** Looks at every target before anything changes and takes the snapshot that a rollback must give back. */
export const createPreflightActivities = (ports: Ports) => ({
  preflight: ({ sealed, requestedBy }: PreflightInput): Promise<PreflightResult> =>
    keepAlive(async (signal) => {
      checkSeal(ports, sealed);
      checkCaller(sealed);
      const { plan, seal } = sealed;
      const lock = { workflowId: seal.workflowId, service: plan.service, ownFirstRunId: seal.firstRunId };
      try {
        const isLock = seal.workflowId === releaseWorkflowId(plan.environment, plan.service);
        const open = isLock ? await refuseOverOpen(ports, lock) : [];
        if (open.length > 0) return { ok: false, refusals: open };
        // Before the snapshot, which must be as fresh as can be.
        const trials = await tryMigrations(ports, plan, { release: seal.firstRunId, signal });
        const untrue = refuseTrials(trials, ports.policy);
        if (untrue.length > 0) return { ok: false, refusals: untrue };
        const entered = await enterDatabases(ports, sealed);
        if (entered.refusals.length > 0) return { ok: false, refusals: entered.refusals };
        const world = withoutSchemas(await readWorld(ports, plan, undefined), entered.unsettled);
        await foretellFlags(ports, plan, world);
        const rest = atRest(plan, world);
        if (!rest.ok) return { ok: false, refusals: rest.refusals };
        const unwritable = await refuseUnwritableFiles(ports, plan);
        if (unwritable.length > 0) return { ok: false, refusals: unwritable };
        const blind = await refuseBlindProbe(ports, plan, { ...rest.roles, release: seal.firstRunId });
        if (blind.length > 0) return { ok: false, refusals: blind };
        const data = await refuseData(ports, plan, seal.firstRunId);
        if (data.length > 0) return { ok: false, refusals: data };
        const unguarded = await refuseUnguarded(ports, plan);
        if (unguarded.length > 0) return { ok: false, refusals: unguarded };
        const other = await refuseOtherRole(ports, sealed, rest.roles.baseline);
        if (other.length > 0) return { ok: false, refusals: other };
        const moved = await refuseOtherSettings(ports, plan, rest.roles.baseline);
        if (moved.length > 0) return { ok: false, refusals: moved };
        const logins = await refuseRotations(ports, plan, rest.roles.baseline);
        if (logins.length > 0) return { ok: false, refusals: logins };
        const baselineErrors = await readErrors(ports, plan, rest.roles.baseline);
        // At rest the baseline gets all requests.
        const measured = { ...world, baselineErrors, ...loadOf(baselineErrors.requests) };
        // Which slot to measure is known only now.
        const healthy = atRest(plan, measured);
        if (!healthy.ok) return { ok: false, refusals: healthy.refusals };
        const guardrails = await readGuardrails(ports, plan, rest.roles.baseline);
        const before = guardrails === undefined ? measured : { ...measured, guardrails };
        const snapshot: Snapshot = { world: before, roles: rest.roles };
        const rolesMac = sealSlots(ports.sealKey, seal, rest.roles);
        const keptMac = sealKept(ports.sealKey, seal, { snapshot, rolesMac });
        // Before the first change: what comes after it can be undone even when Temporal has lost the release.
        const kept = keptOf({ sealed, requestedBy, snapshot, rolesMac, keptMac }, Context.current().info.attempt);
        const asked = await askStore(ports, (store) => store.keep(kept));
        return {
          ok: true,
          snapshot,
          rolesMac,
          keptMac,
          ...('fault' in asked ? { notKept: asked.fault } : {}),
          ...(trials.length > 0 ? { trials } : {}),
        };
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

  /** Keeps a release that the store did not take at its start. */
  keepRelease: (input: KeepInput): Promise<void> => {
    const { sealed } = input;
    checkSeal(ports, sealed);
    checkCaller(sealed);
    checkSnapshot(ports, sealed.seal, input);
    return ports.store.keep(keptOf(input, settled));
  },
});

function checkCaller({ seal }: SealedPlan): void {
  if (isCalledByItsOwn(seal)) return;
  throw ApplicationFailure.nonRetryable(
    `Plan ${seal.planDigest} belongs to ${seal.workflowId}, and another workflow came with it. Nothing was changed.`,
    'SealBroken',
  );
}
