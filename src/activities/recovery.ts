import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { grantRecovery, verifyKept, verifySeal, verifySlots } from '../core/evidence/seal';
import type { KeptRelease } from '../core/evidence/kept';
import type { Slots } from '../core/plan/effects';
import type { RecoveryGrant, SealedPlan } from '../core/plan/plan';
import type { RecoveredFrom } from '../core/release/events';
import type { Refusal } from '../core/plan/refusal';
import { releaseWorkflowId, serviceOf } from '../core/release/messages';
import { refuseRecovery, type RecoveryFacts } from '../core/release/recovery-verdict';
import type { Snapshot } from '../core/release/snapshot';
import { newRelease, type ReleaseState } from '../core/release/state';
import { PortError } from '../ports/errors';
import type { ServiceRole } from '../ports/store';
import { closeBooks } from './close-books';
import { keepAlive } from './keep-alive';
import { findOpenRelease } from './open-releases';
import type { Ports } from './ports';
import { askStore, endingOf, readNewestState, readState, runsOf, runsOfRelease, type KnownState } from './release-runs';

export type RecoveryInput = {
  /** The release to bring back; the one that is open when left out. */
  readonly firstRunId?: string;
  /** The caller is itself a run of the release, copied by a reset. */
  readonly isReset?: boolean;
};

export type RecoveryResult =
  | {
      readonly ok: true;
      readonly state: ReleaseState;
      readonly from: RecoveredFrom;
      readonly grant: RecoveryGrant;
      /** The newest evidence that the store has; undefined when it does not answer. */
      readonly lastSeq?: number;
    }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

type Prepared = {
  readonly sealed: SealedPlan;
  readonly snapshot: Snapshot;
  readonly rolesMac: string;
  readonly mac: string;
};

type Lookup = {
  readonly state?: ReleaseState;
  readonly prepared?: Prepared;
  readonly from: RecoveredFrom;
  readonly snapshot: RecoveryFacts['snapshot'];
};

/** Seal and MACs: it is this release of this id in this environment, and nobody wrote its snapshot but a worker. */
function isGenuine(ports: Ports, workflowId: string, release: string, { sealed, ...rest }: Prepared): boolean {
  try {
    const { seal } = sealed;
    return (
      verifySeal(ports.sealKey, sealed) &&
      seal.environment === ports.environment.name &&
      seal.workflowId === workflowId &&
      seal.firstRunId === release &&
      verifySlots(ports.sealKey, seal, { slots: rest.snapshot.roles, mac: rest.rolesMac }) &&
      verifyKept(ports.sealKey, seal, rest)
    );
  } catch (error) {
    // Whoever may write to the store may write anything; what has not even the shape was not sealed by a worker.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

const preparedOf = ({ sealed, snapshot, rolesMac, keptMac }: ReleaseState): Prepared | undefined =>
  sealed === undefined || snapshot === undefined || rolesMac === undefined || keptMac === undefined
    ? undefined
    : { sealed, snapshot, rolesMac, mac: keptMac };

function stateOfKept(kept: KeptRelease, startedAtMs: number): ReleaseState {
  const { sealed, snapshot, rolesMac, mac } = kept;
  const stages = sealed.plan.stages.map(({ id }) => ({ id, state: 'waiting' as const }));
  return { ...newRelease(kept.requestedBy, startedAtMs), sealed, snapshot, rolesMac, keptMac: mac, stages };
}

/** The release as its own history has it, or as far as an earlier run of it knows, else as the store kept it. */
async function lookUp(
  ports: Ports,
  workflowId: string,
  release: string,
  known: KnownState | undefined,
): Promise<Lookup> {
  const judge = (prepared: Prepared): RecoveryFacts['snapshot'] =>
    isGenuine(ports, workflowId, release, prepared) ? 'there' : 'forged';
  if (known !== undefined) {
    const { state, isNewest } = known;
    const from = isNewest ? 'history' : 'earlier-run';
    const prepared = preparedOf(state);
    if (prepared !== undefined) return { state, prepared, from, snapshot: judge(prepared) };
    if (isNewest && state.snapshot === undefined) return { state, from, snapshot: 'none' };
  }
  const asked = await askStore(ports, (store) => store.kept(release));
  const kept = 'answer' in asked ? asked.answer : undefined;
  if (kept === undefined) return { from: 'store', snapshot: 'lost' };
  // What was not sealed may have any shape, so nothing in it is read.
  if (judge(kept) === 'forged') return { from: 'store', snapshot: 'forged' };
  return { state: stateOfKept(kept, ports.now()), prepared: kept, from: 'store', snapshot: 'there' };
}

/** Whether the slots have the roles of its snapshot, those that its promotion gave them, or others that somebody else did. */
async function judgeRoles(
  ports: Ports,
  release: string,
  { prepared, state, from, snapshot }: Lookup,
  role: ServiceRole | undefined,
): Promise<Pick<RecoveryFacts, 'isPromoted' | 'otherRoles'>> {
  if (role?.release === release) return { isPromoted: true };
  if (prepared === undefined || state === undefined || snapshot !== 'there') return { isPromoted: false };
  const { plan } = prepared.sealed;
  const { baseline, canary } = prepared.snapshot.roles;
  const promote = plan.stages.find(({ kind }) => kind === 'promote');
  const mayHavePromoted =
    from !== 'history' || state.stages.some(({ id, state: its }) => id === promote?.id && its !== 'waiting');
  if (await isSwapped(ports, plan.targets.traffic, { baseline, canary }, mayHavePromoted))
    return mayHavePromoted
      ? { isPromoted: true }
      : {
          isPromoted: false,
          otherRoles: `${canary} serves and ${baseline} is out of service, and this release had not begun to promote, so somebody moved users by hand`,
        };
  return role === undefined || role.baseline === baseline
    ? { isPromoted: false }
    : {
        isPromoted: false,
        otherRoles: `its baseline was ${baseline}, and the store has ${role.baseline} since version ${role.version} was promoted (release ${role.release})`,
      };
}

/** Whether the proxy shows the slots in the roles that only a promotion gives them. */
async function isSwapped(
  ports: Ports,
  target: string,
  { baseline, canary }: Slots,
  isNeeded: boolean,
): Promise<boolean> {
  try {
    const split = await ports.traffic(target).readSplit();
    return split[canary].state === 'ready' && split[canary].weight > 0 && split[baseline].state === 'maint';
  } catch (error) {
    // A proxy that is away must not keep the rest from being taken back, unless it alone could tell.
    if (error instanceof PortError && !isNeeded) return false;
    throw error;
  }
}

/** A release of the service that got past its own preflight after this one began. */
async function laterThan(ports: Ports, workflowId: string, release: string, own: string): Promise<string | undefined> {
  const asked = await askStore(ports, (store) =>
    store.keptReleases(ports.environment.name, serviceOf(workflowId), 100),
  );
  const kept = 'answer' in asked ? asked.answer.filter((row) => row.release !== own) : [];
  const newest = kept[0];
  if (newest !== undefined && newest.release !== release && kept.some((row) => row.release === release))
    return newest.release;
  const began = (await ports.runs.describe(workflowId, release))?.startedAtMs;
  if (began === undefined) return undefined;
  for await (const run of runsOf(ports, workflowId, own)) {
    if (run.startedAtMs <= began) break;
    if (run.firstRunId === release) continue;
    const ending = await endingOf(ports, run);
    if (ending?.isProved === true && ending.release !== release) return run.firstRunId;
    if (run.status !== 'terminated' && run.status !== 'timed-out') continue;
    const state = await readState(ports, run);
    if (state?.snapshot !== undefined && state.sealed?.seal.firstRunId !== release) return run.firstRunId;
  }
  return undefined;
}

/** Finds and verifies a release that its own run can no longer bring back; only a worker of its environment can. */
export const createRecoveryActivities = (ports: Ports) => ({
  openRecovery: ({ firstRunId, isReset = false }: RecoveryInput): Promise<RecoveryResult> =>
    keepAlive(async () => {
      const { workflowId = '', runId = '' } = Context.current().info.workflowExecution ?? {};
      const service = serviceOf(workflowId);
      const own = await ports.runs.describe(workflowId, runId);
      if (own === undefined || workflowId !== releaseWorkflowId(ports.environment.name, service))
        throw ApplicationFailure.nonRetryable(
          `${workflowId} is no release of environment ${ports.environment.name}, so it recovers nothing. Nothing was changed.`,
          'SealBroken',
        );
      const name = `${ports.environment.name}/${service}`;
      const lock = { workflowId, service, ownFirstRunId: own.firstRunId };
      const release = isReset ? own.firstRunId : (firstRunId ?? (await findOpenRelease(ports, lock))?.release);
      if (release === undefined || (!isReset && release === own.firstRunId))
        return {
          ok: false,
          refusals: [
            {
              code: 'nothing-to-recover',
              kind: 'denied',
              message: `No release of ${name} is open: Temporal and the store know of none.`,
              fix: 'Start the next one, or name the run by --run.',
            },
          ],
        };
      const runs = (await runsOfRelease(ports, workflowId, release)).filter((run) => run.runId !== runId);
      const closed = runs.find(({ status }) => status === 'completed' || status === 'failed');
      const known = await readNewestState(ports, runs);
      const history = known?.state;
      const found = await lookUp(ports, workflowId, release, known);
      const asked = await askStore(ports, (store) =>
        Promise.all([store.row(release), store.role(ports.environment.name, service), store.lastSeq(release)]),
      );
      const [row, role, lastSeq] = 'answer' in asked ? asked.answer : [];
      const endedInStore = row?.endedAt === undefined ? undefined : row.phase;
      const endedInHistory = history?.endedAtMs === undefined ? undefined : history.phase;
      const ending =
        (closed === undefined ? undefined : (await endingOf(ports, closed))?.ending) ?? endedInHistory ?? endedInStore;
      const roles =
        history?.phase === 'Promoted' ? { isPromoted: true } : await judgeRoles(ports, release, found, role);
      const laterRelease = await laterThan(ports, workflowId, release, own.firstRunId);
      const refusal = refuseRecovery({
        name,
        release,
        isRunning: runs.some(({ status }) => status === 'running'),
        ...roles,
        snapshot: found.snapshot,
        ...(ending === undefined ? {} : { ending }),
        ...(laterRelease === undefined ? {} : { laterRelease }),
      });
      if (refusal !== undefined) {
        const isOver = ['already-promoted', 'nothing-to-recover'].includes(refusal.code) && found.snapshot !== 'forged';
        const note = isOver ? await closeBooks(ports, { release, name, refusal, row, role, state: found.state }) : '';
        return { ok: false, refusals: [{ ...refusal, message: `${refusal.message}${note}` }] };
      }
      if (found.state === undefined || found.prepared === undefined) throw new Error('a release without a state');
      return {
        ok: true,
        state: found.state,
        from: found.from,
        grant: grantRecovery(ports.sealKey, found.prepared.sealed.seal, own.firstRunId),
        ...(lastSeq === undefined ? {} : { lastSeq }),
      };
    }),

  /** The `seq` that the next evidence of a release follows. */
  readLastSeq: ({ release }: { readonly release: string }): Promise<number> => ports.store.lastSeq(release),
});
