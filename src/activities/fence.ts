import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { Permit, Seal } from '../core/plan/plan';
import { PortError } from '../ports/errors';
import type { RunFacts } from '../ports/runs';
import type { Ports } from './ports';

/** An answer that took longer may be old: this process may have stood still before it read it. */
const freshMs = 250;
const mostQuestions = 8;
/** Ten heartbeat time-outs of an undo: another attempt has long taken the place of one that was silent for so long. */
const lateMs = 30_000;

type Attempt = { readonly activityId: string; readonly attempt: number };

const forward = ['Releasing'];
/** Phases of a release that leads its users back. */
export const backward = ['RollingBack', 'RollbackIncomplete'];

/** Why an attempt may not change the traffic any more; undefined while it may. */
export function whyUnwanted(
  run: RunFacts | undefined,
  firstRunId: string,
  attempt: Attempt,
  phases: readonly string[] = forward,
): string | undefined {
  if (run === undefined || !run.isRunning) return 'the release has ended';
  if (run.firstRunId !== firstRunId) return 'it belongs to another release';
  if (run.phase === undefined || !phases.includes(run.phase)) return `the release is ${run.phase ?? 'not releasing'}`;
  return whyOvertaken(run, attempt);
}

function whyOvertaken({ pending }: RunFacts, { activityId, attempt }: Attempt): string | undefined {
  const found = pending.find((each) => each.activityId === activityId);
  if (found === undefined) return 'nobody waits for it any more';
  return found.attempt === attempt ? undefined : `attempt ${found.attempt} took its place`;
}

/**
 * What `ask` says when it says it quickly; a process that stands still asks again before it acts.
 * @throws PortError TargetUnavailable while the server is away or slow.
 */
async function askFresh<T>(workflowId: string, ask: () => Promise<T>): Promise<T> {
  for (let question = 1; question <= mostQuestions; question += 1) {
    const askedAtMs = performance.now();
    const answer = await ask();
    if (performance.now() - askedAtMs <= freshMs) return answer;
  }
  throw new PortError(
    'TargetUnavailable',
    `Temporal takes longer than ${freshMs} ms to say how ${workflowId} is, so nothing is changed on its word; it is asked again.`,
  );
}

const tooLate = (workflowId: string, why: string): PortError =>
  new PortError('Conflict', `This attempt of ${workflowId} came too late: ${why}. Nothing was changed.`);

/**
 * Asks the server whether this very attempt is still wanted: a worker that stood still for minutes does not know.
 * For what exposes somebody or makes a slot ready, and for the steps of a drain, right before the write; an undo that is
 * made at once never asks.
 * @throws PortError Conflict when it is not; TargetUnavailable while the server does not answer.
 */
export async function assertStillWanted(ports: Ports, { seal }: Permit, phases = forward): Promise<void> {
  const { workflowExecution, activityId, attempt } = Context.current().info;
  const run = await askFresh(seal.workflowId, () => ports.describeRun(seal.workflowId, workflowExecution?.runId));
  if (run?.pending.some((each) => each.activityId === activityId && each.isCancelRequested) === true)
    throw new CancelledFailure('it was told to end before it changed anything');
  const why = whyUnwanted(run, seal.firstRunId, { activityId, attempt }, phases);
  if (why !== undefined) throw tooLate(seal.workflowId, why);
}

/**
 * An undo is made at once and asks nobody. One that comes so late that its time-outs are long over asks whether it was
 * overtaken, maybe by another release; where nobody answers it is made.
 * @throws PortError Conflict when the server says that this attempt is not waited for.
 */
export async function refuseOvertaken(ports: Ports, { seal }: Permit): Promise<void> {
  const { workflowExecution, activityId, attempt, currentAttemptScheduledTimestampMs } = Context.current().info;
  if (ports.now() - currentAttemptScheduledTimestampMs < lateMs) return;
  let run: RunFacts | undefined;
  try {
    run = await ports.describeRun(seal.workflowId, workflowExecution?.runId);
  } catch (error) {
    if (error instanceof PortError) return;
    throw error;
  }
  const why = run?.isRunning === true ? whyOvertaken(run, { activityId, attempt }) : 'its run has ended';
  if (why !== undefined) throw tooLate(seal.workflowId, why);
}

/** The run that ended, the latest run of its service and this guard's own, as the server knows them now. */
type EndingFacts = { readonly ended: RunFacts; readonly latest: RunFacts };

export type EndingState = 'present' | 'superseded';

/** Whether the split of an ending is still the one that must stand. */
function judgeEnding({ ended, latest }: EndingFacts, seal: Seal, isPromoted: boolean): EndingState {
  if (latest.firstRunId !== ended.firstRunId) return 'superseded';
  // What a recovery gives back is the snapshot of another run; only the release itself may have promoted.
  if (isPromoted && ended.firstRunId !== seal.firstRunId) throw tooLate(seal.workflowId, 'it promoted nothing');
  const endings = isPromoted ? ['Promoted'] : ['RolledBack', 'Aborted'];
  if (!endings.includes(ended.phase ?? ''))
    throw tooLate(seal.workflowId, `the release is ${ended.phase ?? 'not known'}, not ${endings.join(' or ')}`);
  return 'present';
}

/**
 * Asks the server, right before the split of an ending is set again, whether that ending is still the last word on its
 * service. Who started the guard is taken from the server, so that nobody can name another release.
 * @throws PortError Conflict when the caller is no guard of an ended release.
 */
export async function readEnding(ports: Ports, { seal }: Permit, isPromoted: boolean): Promise<EndingState> {
  const caller = Context.current().info.workflowExecution;
  const facts = await askFresh(seal.workflowId, async (): Promise<EndingFacts | undefined> => {
    const own = await ports.describeRun(caller?.workflowId ?? '', caller?.runId);
    if (own?.parent?.workflowId !== seal.workflowId) return undefined;
    const [ended, latest] = await Promise.all([
      ports.describeRun(seal.workflowId, own.parent.runId),
      ports.describeRun(seal.workflowId),
    ]);
    return ended === undefined || latest === undefined ? undefined : { ended, latest };
  });
  if (facts === undefined) throw tooLate(seal.workflowId, 'no ended release started this guard');
  return judgeEnding(facts, seal, isPromoted);
}

/** Whether a later release of the service has begun since that run; while the server does not answer nobody knows of one. */
export async function isSuperseded(ports: Ports, { seal }: Permit, endedBy: string): Promise<boolean> {
  try {
    const latest = await ports.describeRun(seal.workflowId);
    return latest !== undefined && latest.firstRunId !== endedBy;
  } catch (error) {
    if (error instanceof PortError) return false;
    throw error;
  }
}
