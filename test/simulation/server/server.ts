import type { RunFacts } from '../../../src/ports/runs';
import type { Beginning, RunsOfServer } from './committed-commands';
import { createRun, type Run } from './run';
import type { RunView, Setting } from './setting';
import { job, payloadOf, signalPayloadOf } from './workflow-instance';

/** A Temporal server and its workflow workers, in virtual time: histories, tasks, activities, timers, children. */
export function createServer(setting: Setting) {
  const { agenda, chaos } = setting;
  const open = new Map<string, Run>();
  const all = new Map<string, Run>();
  const latest = new Map<string, Run>();
  const runs: RunsOfServer = { isOpen: (workflowId) => open.has(workflowId), begin };
  let count = 0;

  function begin({ input, shown = new Map(), ...names }: Beginning): string {
    count += 1;
    const runId = `run-${count}`;
    const info = { firstExecutionRunId: runId, ...names, runId, startedAtMs: agenda.nowMs() };
    const run = createRun(setting, { info, shown, input }, runs, () => open.delete(names.workflowId));
    all.set(runId, run);
    latest.set(names.workflowId, run);
    open.set(names.workflowId, run);
    run.schedule(chaos.taskDelayMs());
    return runId;
  }

  return {
    start: (workflowId: string, workflowType: string, input: unknown): string =>
      begin({ workflowId, workflowType, input: [payloadOf(input)] }),
    describe: (workflowId: string, runId?: string): RunFacts | undefined =>
      (runId === undefined ? latest.get(workflowId) : all.get(runId))?.describe(),
    find: (workflowId: string): RunView | undefined => open.get(workflowId)?.view,
    signal(workflowId: string, signalName: string, payload: unknown): boolean {
      const run = open.get(workflowId);
      run?.deliver(job('signalWorkflow', { signalName, input: [signalPayloadOf(payload)], headers: {} }));
      return run !== undefined;
    },
    update(workflowId: string, name: string, payload: unknown): boolean {
      const run = open.get(workflowId);
      count += 1;
      const id = `update-${count}`;
      const input = [payloadOf(payload)];
      run?.deliver(job('doUpdate', { id, protocolInstanceId: id, name, input, headers: {}, runValidator: true }));
      return run !== undefined;
    },
    cancel(workflowId: string): void {
      open.get(workflowId)?.deliver(job('cancelWorkflow', {}));
    },
    /** Returns whether there was something to end. */
    terminate(workflowId: string): boolean {
      const run = open.get(workflowId);
      run?.terminate();
      return run !== undefined;
    },
    /** Kills every worker: workflows are forgotten, attempts fall silent. */
    killWorkers(): void {
      for (const run of open.values()) {
        for (const handle of run.tasks()) handle.loseWorker();
        run.loseWorker();
      }
    },
  };
}

export type Server = ReturnType<typeof createServer>;
