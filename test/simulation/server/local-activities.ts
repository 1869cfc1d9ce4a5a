import type { TaskHandle } from './activity';
import { createTask } from './activity-tasks';
import { resolution } from './resolutions';
import type { OpenTask, RunRecord } from './run-record';
import type { Setting } from './setting';
import type { Fields, Job } from './workflow-instance';

const heartbeatMs = 8_000;

type Tasks = {
  /** The workflow goes on within its open task. */
  goOn(task: OpenTask, jobs: readonly Job[]): void;
  /** A task whose local activities take long is completed in between, so that news can come in. */
  beat(task: OpenTask): void;
};

/** Activities that are a part of their workflow task: one that was lost with it begins again. */
export function createLocalActivities({ agenda, worker, chaos, hooks }: Setting, record: RunRecord, tasks: Tasks) {
  /** Those whose task was completed before they were: by seq. */
  const unresolved = new Map<number, Fields>();
  const { workflowId, runId } = record.info;

  function start(task: OpenTask, command: Fields): void {
    const seq = Number(command['seq']);
    const handle: TaskHandle = createTask(
      agenda,
      worker,
      chaos,
      { workflowId, runId, isLocal: true },
      command,
      (outcome) => {
        if (record.task !== task || record.isClosed) return;
        task.locals.delete(seq);
        tasks.goOn(task, [resolution(handle.task, outcome)]);
      },
    );
    task.locals.set(seq, handle);
    hooks.onScheduled(handle.task);
    agenda.after(heartbeatMs, () => {
      if (record.task !== task || !task.locals.has(seq)) return;
      unresolved.set(seq, command);
      tasks.beat(task);
    });
  }

  return {
    start,
    startAgain(task: OpenTask): void {
      for (const [seq, command] of unresolved) if (!task.locals.has(seq)) start(task, command);
    },
    cancel(task: OpenTask, seq: number): void {
      const handle = task.locals.get(seq);
      task.locals.delete(seq);
      handle?.forget();
      if (handle !== undefined) task.resolutions.push(resolution(handle.task, { kind: 'cancelled' }));
    },
    resolved: (seq: number): void => void unresolved.delete(seq),
  };
}

export type LocalActivities = ReturnType<typeof createLocalActivities>;
