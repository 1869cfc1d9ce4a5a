import type { RunFacts } from '../../../src/ports/runs';
import { createCommitted, type RunsOfServer } from './committed-commands';
import { createExecution } from './execution';
import { createPending } from './pending';
import { newRecord } from './run-record';
import type { Closing, RunView, Setting } from './setting';
import type { InstanceInfo, Job } from './workflow-instance';
import { createWorkflowTasks } from './workflow-tasks';

type Start = {
  readonly info: InstanceInfo;
  readonly shown: ReadonlyMap<string, string>;
  readonly input: unknown;
};

/** One run of one workflow on the simulated server. */
export function createRun(setting: Setting, { info, shown, input }: Start, runs: RunsOfServer, onClosed: () => void) {
  const record = newRecord(info, shown, input);
  const execution = createExecution(setting.sandbox, info);
  const pending = createPending(setting, record, deliver);
  const view: RunView = {
    workflowId: info.workflowId,
    runId: info.runId,
    firstRunId: info.firstExecutionRunId,
    type: info.workflowType,
    get isClosed() {
      return record.isClosed;
    },
    query: (name) => execution.load().query(name),
    pending: (type) => pending.ofType(type),
  };
  const commit = createCommitted(record, pending, runs, deliver, close);
  const tasks = createWorkflowTasks(setting, record, { execution, pending, view, commit });

  function deliver(item: Job): void {
    if (record.isClosed) return;
    record.inbox.push(item);
    record.events += item.variant === 'resolveActivity' ? 3 : 1;
    tasks.schedule(setting.chaos.taskDelayMs());
  }

  function close(closing: Closing): void {
    record.isClosed = true;
    onClosed();
    pending.forgetAll();
    setting.hooks.onClosed(view, closing);
  }

  return {
    view,
    deliver,
    schedule: tasks.schedule,
    loseWorker: () => tasks.loseWorker(),
    terminate(): void {
      // What its code did in a task that was never completed has not happened.
      execution.evict();
      close({ kind: 'terminated' });
    },
    describe(): RunFacts {
      const phase = record.shown.get('SpillwayPhase');
      return {
        runId: info.runId,
        firstRunId: info.firstExecutionRunId,
        isRunning: !record.isClosed,
        ...(phase === undefined ? {} : { phase }),
        pending: pending.facts(),
      };
    },
    tasks: () => pending.handles(),
  };
}

export type Run = ReturnType<typeof createRun>;
