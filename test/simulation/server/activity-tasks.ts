import type { Agenda } from '../agenda';
import type { Attempt, TaskHandle, Worker } from './activity';
import type { Outcome } from './failures';
import { policyOf } from './retry-policy';
import { milliseconds, valuesOf, type Fields } from './workflow-instance';

type Place = { readonly workflowId: string; readonly runId: string };

/** One activity: queue, attempts, retries, time-outs and cancellation as the server does them. */
export function createTask(
  agenda: Agenda,
  worker: Worker,
  delays: { queueMs(): number; cancelHeardMs(): number },
  place: Place,
  command: Fields,
  onEnd: (outcome: Outcome) => void,
): TaskHandle {
  const policy = policyOf(command['retryPolicy'] as Fields | undefined);
  const heartbeatMs = milliseconds(command['heartbeatTimeout']);
  const startToCloseMs = milliseconds(command['startToCloseTimeout']);
  const scheduleToCloseMs = milliseconds(command['scheduleToCloseTimeout']);
  const endsAtMs = scheduleToCloseMs === undefined ? Infinity : agenda.nowMs() + scheduleToCloseMs;
  let number = 0;
  let lastBeatMs = 0;
  let stopTimers: (() => void)[] = [];

  const task = {
    ...place,
    seq: Number(command['seq']),
    type: String(command['activityType']),
    input: valuesOf(command['arguments'])[0],
    scheduledAtMs: agenda.nowMs(),
    isCancelRequested: false,
    isOver: false,
    heartbeat: undefined as unknown,
    current: undefined as Attempt | undefined,
  };

  function stop(): void {
    for (const cancel of stopTimers) cancel();
    stopTimers = [];
    task.current = undefined;
  }

  function finish(outcome: Outcome): void {
    stop();
    task.isOver = true;
    onEnd(outcome);
  }

  function endAttempt(outcome: Outcome): void {
    stop();
    const isAgain = outcome.kind === 'timed-out' || (outcome.kind === 'failed' && outcome.isRetryable);
    const waitMs = Math.min(policy.initialMs * policy.coefficient ** (number - 1), policy.longestMs);
    const isDue = number < policy.mostAttempts && agenda.nowMs() + waitMs < endsAtMs;
    if (!isAgain || !isDue || task.isCancelRequested) return finish(outcome);
    stopTimers.push(agenda.after(waitMs, () => begin()));
  }

  function watchBeat(attempt: Attempt): void {
    if (heartbeatMs === undefined) return;
    const leftMs = lastBeatMs + heartbeatMs - agenda.nowMs();
    stopTimers.push(
      agenda.after(leftMs, () => {
        if (task.current !== attempt) return;
        // It spoke meanwhile.
        if (lastBeatMs + heartbeatMs > agenda.nowMs()) return;
        endAttempt({ kind: 'timed-out', what: 'heartbeat' });
      }),
    );
  }

  function begin(): void {
    if (task.isOver) return;
    number += 1;
    let isSilent = false;
    const attempt: Attempt = {
      task,
      number,
      isWanted: () => task.current === attempt,
      beat(details) {
        if (task.current !== attempt) return;
        lastBeatMs = agenda.nowMs();
        if (details !== undefined) task.heartbeat = details;
      },
      report(outcome) {
        if (task.current === attempt && !isSilent) endAttempt(outcome);
      },
      fallSilent() {
        if (task.current !== attempt || isSilent) return;
        isSilent = true;
        lastBeatMs = agenda.nowMs();
        watchBeat(attempt);
      },
      wake() {
        if (task.current !== attempt) return;
        isSilent = false;
        lastBeatMs = agenda.nowMs();
      },
    };
    task.current = attempt;
    lastBeatMs = agenda.nowMs();
    if (startToCloseMs !== undefined && startToCloseMs < 3_600_000)
      stopTimers.push(agenda.after(startToCloseMs, () => endAttempt({ kind: 'timed-out', what: 'start-to-close' })));
    worker.start(attempt);
  }

  stopTimers.push(agenda.after(delays.queueMs(), begin));
  return {
    task,
    requestCancel() {
      if (task.isOver || task.isCancelRequested) return;
      task.isCancelRequested = true;
      const { current } = task;
      if (current === undefined) return finish({ kind: 'cancelled' });
      agenda.after(delays.cancelHeardMs(), () => worker.cancel(current));
    },
    forget() {
      if (task.isOver) return;
      const { current } = task;
      stop();
      task.isOver = true;
      if (current !== undefined) agenda.after(delays.cancelHeardMs(), () => worker.cancel(current));
    },
    loseWorker() {
      task.current?.fallSilent();
    },
  };
}
