import type { RunFacts } from '../../../src/ports/runs';
import type { Task, TaskHandle } from './activity';
import { createTask } from './activity-tasks';
import { resolution } from './resolutions';
import { withdraw, type RunRecord } from './run-record';
import type { Setting } from './setting';
import { job, milliseconds, type Fields, type Job } from './workflow-instance';

const waitsForCancellation = 1; // WAIT_CANCELLATION_COMPLETED
const neverCancels = 2; // ABANDON

/** The activities and timers that a run has asked for and that are not over. */
export function createPending(
  { agenda, worker, chaos, hooks }: Setting,
  record: RunRecord,
  deliver: (item: Job) => void,
) {
  const activities = new Map<number, TaskHandle>();
  const cancellationOf = new Map<TaskHandle, number>();
  const timers = new Map<number, () => void>();
  const { workflowId, runId } = record.info;
  const all = (): Task[] => [...activities.values()].map(({ task }) => task);

  return {
    handles: (): TaskHandle[] => [...activities.values()],
    ofType: (type: string): readonly Task[] => all().filter((its) => its.type === type && !its.isOver),
    facts: (): RunFacts['pending'] =>
      all().map(({ seq, current, isCancelRequested }) => ({
        activityId: String(seq),
        attempt: current?.number ?? 0,
        isCancelRequested,
      })),
    startActivity(command: Fields): void {
      const seq = Number(command['seq']);
      const place = { workflowId, runId };
      const handle: TaskHandle = createTask(agenda, worker, chaos, place, command, (outcome) => {
        if (activities.delete(seq)) deliver(resolution(handle.task, outcome));
      });
      cancellationOf.set(handle, Number(command['cancellationType'] ?? 0));
      activities.set(seq, handle);
      hooks.onScheduled(handle.task);
    },
    /** The activity that a workflow which cancels it does not wait for. */
    leftBehind(seq: number): Task | undefined {
      const handle = activities.get(seq);
      return handle === undefined || cancellationOf.get(handle) === waitsForCancellation ? undefined : handle.task;
    },
    cancelActivity(seq: number, isResolvedAtOnce: boolean): void {
      const handle = activities.get(seq);
      if (handle !== undefined && cancellationOf.get(handle) !== neverCancels) handle.requestCancel();
      if (!isResolvedAtOnce) return;
      activities.delete(seq);
      // Also where its result came in while the task was under way.
      withdraw(record, 'resolveActivity', seq);
    },
    startTimer(command: Fields): void {
      const seq = Number(command['seq']);
      const fire = (): void => {
        timers.delete(seq);
        deliver(job('fireTimer', { seq }));
      };
      timers.set(seq, agenda.after(milliseconds(command['startToFireTimeout']) ?? 0, fire));
    },
    cancelTimer(seq: number): void {
      timers.get(seq)?.();
      timers.delete(seq);
      // A timer that fired meanwhile is not told any more.
      withdraw(record, 'fireTimer', seq);
    },
    forgetAll(): void {
      for (const handle of activities.values()) handle.forget();
      for (const cancel of timers.values()) cancel();
    },
  };
}

export type Pending = ReturnType<typeof createPending>;
