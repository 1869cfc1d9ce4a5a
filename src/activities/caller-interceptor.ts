import type { Context, Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import { verifyGrant } from '../core/evidence/seal';
import type { Author, Permit, RecoveryGrant, Seal } from '../core/plan/plan';
import type { Run } from '../ports/run-chain';
import { forged } from './permit';
import type { Ports } from './ports';
import { askStore, endingOf, runsOf, runsOfRelease } from './release-runs';

type Claim = { readonly seal: Seal; readonly grant?: RecoveryGrant };

/** What only takes back or looks; everything else that comes with a seal goes forward. */
const backward: ReadonlySet<string> = new Set([
  'closeTraffic',
  'stopCanary',
  'restoreConfiguration',
  'restoreFlag',
  'withdrawLogin',
  'undoMigration',
  'prove',
]);
/** Tidying up behind a promotion that has happened. */
const settling: ReadonlySet<string> = new Set(['recordRole', 'retireBaseline', 'keepRelease']);

const mostKnown = 1_000;

const isFollower = (workflowId: string): boolean => /^(contract|reconcile)\//.test(workflowId);

const isSeal = (value: unknown): value is Seal =>
  typeof value === 'object' && value !== null && 'workflowId' in value && 'firstRunId' in value;

const hasSeal = (value: unknown): value is { readonly seal: Seal } =>
  typeof value === 'object' && value !== null && 'seal' in value && isSeal(value.seal);

const isPermit = (value: unknown): value is Permit => hasSeal(value) && 'roles' in value && 'rolesMac' in value;

const isAuthor = (value: unknown): value is Author => hasSeal(value) && 'mac' in value;

const claimTo = ({ seal, grant }: Permit | Author): Claim => ({ seal, ...(grant === undefined ? {} : { grant }) });

function claimOf(input: unknown): Claim | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  if ('permit' in input && isPermit(input.permit)) return claimTo(input.permit);
  if ('author' in input && isAuthor(input.author)) return claimTo(input.author);
  return 'sealed' in input && hasSeal(input.sealed) ? { seal: input.sealed.seal } : undefined;
}

const tooLate = (workflowId: string, what: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `${workflowId} was reset in Temporal, and ${what}. Nothing was changed; start a new release instead.`,
    'Reset',
  );

/**
 * Which run of an id asks. An id can be taken again and a run can be copied by a reset, so the id alone says too little:
 * the first run of the release asks for itself, one that goes on from it is known by its chain, a recovery by its grant.
 */
export function createCallerInterceptor(ports: Ports): ActivityInterceptorsFactory {
  const known = new Map<string, Run>();
  /** First run ids by run id. */
  const tellers = new Map<string, string>();

  async function find(workflowId: string, runId: string): Promise<Run | undefined> {
    const found = known.get(runId) ?? (await ports.runs.describe(workflowId, runId));
    if (found === undefined) return undefined;
    if (known.size >= mostKnown) known.clear();
    known.set(runId, found);
    return found;
  }

  /** Whether the release, or the recovery that asks, came to its end by itself in any of its runs. */
  async function hasEnded({ workflowId, firstRunId, startedAtMs }: Run, release: string): Promise<boolean> {
    const runs = [
      ...(await runsOfRelease(ports, workflowId, release)),
      ...(firstRunId === release ? [] : await runsOfRelease(ports, workflowId, firstRunId)),
    ];
    if (runs.some(({ status }) => status === 'completed' || status === 'failed')) return true;
    const asked = await askStore(ports, (store) => store.row(release));
    if ('answer' in asked && asked.answer?.endedAt !== undefined) return true;
    // A recovery that ended has brought the release to its end, whatever became of the store.
    for await (const run of runsOf(ports, workflowId, firstRunId)) {
      if (run.startedAtMs <= startedAtMs) break;
      const ending = await endingOf(ports, run);
      if (ending?.isProved === true && ending.release === release) return true;
    }
    return false;
  }

  const isGranted = ({ seal, grant }: Claim, firstRunId: string): boolean =>
    grant !== undefined && grant.firstRunId === firstRunId && verifyGrant(ports.sealKey, seal, grant);

  /** What a release starts when it is over: its contract, and the guard of its ending, which a recovery starts as well. */
  async function checkFollower(
    { workflowId, runId }: NonNullable<Info['workflowExecution']>,
    claim: Claim,
  ): Promise<void> {
    const { parent } = (await find(workflowId, runId)) ?? {};
    const { seal } = claim;
    const of =
      parent === undefined || parent.runId === seal.firstRunId
        ? undefined
        : await find(parent.workflowId, parent.runId);
    // A parent that Temporal has forgotten was checked when it began this.
    const isOther = of !== undefined && of.firstRunId !== seal.firstRunId && !isGranted(claim, of.firstRunId);
    if (parent?.workflowId === seal.workflowId && !isOther) return;
    throw forged('The caller', { seal });
  }

  /**
   * What a run has to tell is told, also that of a copy made by a reset. Its history is not read for that: it may be long
   * because somebody floods it.
   */
  async function checkTeller(
    { workflowId, runId }: NonNullable<Info['workflowExecution']>,
    claim: Claim,
  ): Promise<void> {
    const known = tellers.get(runId) ?? (await ports.describeRun(workflowId, runId))?.firstRunId;
    if (known === undefined || (known !== claim.seal.firstRunId && !isGranted(claim, known)))
      throw forged('The caller', claim);
    if (tellers.size >= mostKnown) tellers.clear();
    tellers.set(runId, known);
  }

  async function check(info: Info, claim: Claim): Promise<void> {
    const caller = info.workflowExecution;
    const { seal } = claim;
    if (caller === undefined) throw forged('The caller', { seal });
    if (isFollower(caller.workflowId)) return checkFollower(caller, claim);
    // Whether another id may ask at all is for the permit to say.
    if (caller.workflowId !== seal.workflowId || caller.runId === seal.firstRunId) return;
    if (info.activityType === 'publish') return checkTeller(caller, claim);
    const run = await find(caller.workflowId, caller.runId);
    if (run === undefined) throw forged('The caller', { seal });
    const isForward = !backward.has(info.activityType);
    if (run.firstRunId !== seal.firstRunId) {
      const mayAct = info.activityType === 'prove' || isGranted(claim, run.firstRunId);
      if (!mayAct || isForward) throw forged('The caller', { seal });
    }
    if (!run.isReset) return;
    if (isForward && !settling.has(info.activityType))
      throw tooLate(caller.workflowId, 'a run that was reset never goes forward');
    if (!(await hasEnded(run, seal.firstRunId))) return;
    const failure = tooLate(caller.workflowId, 'its release had ended already');
    await ports.runs.terminate(caller.workflowId, caller.runId, failure.message);
    throw failure;
  }

  return (context: Context) => {
    const inbound: ActivityInboundCallsInterceptor = {
      async execute(input, next) {
        const claim = claimOf(input.args[0]);
        if (claim !== undefined) await check(context.info, claim);
        return next(input);
      },
    };
    return { inbound };
  };
}
