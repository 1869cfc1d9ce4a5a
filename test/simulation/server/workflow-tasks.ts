import { recorded, type Execution } from './execution';
import type { Pending } from './pending';
import { resolvedBy } from './resolutions';
import { emptyInbox, newTask, type OpenTask, type RunRecord } from './run-record';
import type { RunView, Setting } from './setting';
import { takeCommand } from './task-commands';
import { tell } from './tell';
import type { Command, Job, Moment } from './workflow-instance';

const timeoutMs = 10_000;
const mostLost = 50;

const isClosing = (command: Command): boolean =>
  ['completeWorkflowExecution', 'failWorkflowExecution', 'continueAsNewWorkflowExecution'].some(
    (kind) => command[kind] !== undefined,
  );

type Parts = {
  readonly execution: Execution;
  readonly pending: Pending;
  readonly view: RunView;
  readonly commit: (task: OpenTask, command: Command) => void;
};

/** The workflow tasks of one run, one after the other: due, begun, then completed or lost. */
export function createWorkflowTasks(setting: Setting, record: RunRecord, { execution, pending, view, commit }: Parts) {
  const { agenda, random, chaos, hooks } = setting;
  const historyLimit = chaos.historyLimit();
  let isScheduled = false;
  let attempts = 0;

  function schedule(delayMs: number): void {
    if (record.isClosed || isScheduled || record.task !== undefined) return;
    isScheduled = true;
    agenda.after(delayMs, () => {
      isScheduled = false;
      if (!record.isClosed) begin();
    });
  }

  function begin(): void {
    const jobs = emptyInbox(record);
    const task = newTask(jobs);
    record.task = task;
    goOn(task, jobs);
  }

  function momentNow(): Moment {
    const { events } = record;
    return {
      atMs: agenda.nowMs(),
      historyLength: events,
      continueAsNewSuggested: events >= historyLimit,
      isReplaying: false,
    };
  }

  function goOn(task: OpenTask, given: readonly Job[]): void {
    execution.load();
    for (let jobs = given; jobs.length > 0; jobs = task.resolutions.splice(0)) {
      const moment = momentNow();
      for (const item of jobs) tell(item, (name, payload) => hooks.onHeard(view, name, payload));
      const commands = execution.activate(moment, jobs);
      task.activations.push(recorded({ moment, jobs }, commands));
      for (const command of commands) takeCommand(task, command, pending);
    }
    const asked = task.commands.map((command) => Object.keys(command)[0]).join();
    hooks.note('task', `${record.info.workflowId} ${asked}`);
    settle(task);
  }

  /** The task is completed a moment after the workflow's code has run: until then it can be lost. */
  function settle(task: OpenTask): void {
    agenda.after(random.whole(0, 3), () => {
      if (record.task !== task || record.isClosed || task.resolutions.length > 0) return;
      if (chaos.losesTask()) return lose('worker lost', timeoutMs);
      // The server takes no ending while there is news that the workflow has not seen.
      if (record.inbox.length > 0 && task.commands.some(isClosing)) return lose('unhandled news', 0);
      record.task = undefined;
      complete(task);
      if (record.isClosed) return;
      attempts = 0;
      hooks.afterTask(view);
      if (record.inbox.length > 0) schedule(0);
    });
  }

  function lose(why: string, afterMs: number): void {
    const { task } = record;
    if (task === undefined) return;
    hooks.note('task lost', why);
    record.inbox = [...task.jobs, ...record.inbox];
    record.task = undefined;
    execution.evict();
    attempts += 1;
    if (attempts > mostLost)
      throw new Error(`the workflow task of ${record.info.workflowId} is lost again and again: ${why}`);
    schedule(afterMs);
  }

  /** From here on it has happened: what was told, and what the workflow asked for. */
  function complete(task: OpenTask): void {
    execution.remember(task.activations);
    for (const { jobs } of task.activations) for (const item of jobs) tellDelivered(item);
    for (const command of task.commands) {
      record.events += 1;
      commit(task, command);
      if (record.isClosed) return;
    }
  }

  function tellDelivered(item: Job): void {
    const resolved = resolvedBy(item);
    if (resolved !== undefined) hooks.onDelivered(resolved.task, resolved.outcome);
    tell(item, (name, payload) => hooks.onMessage(view, name, payload));
  }

  return {
    schedule,
    /** The worker that holds the workflow dies. */
    loseWorker(): void {
      if (record.task === undefined) execution.evict();
      else lose('worker killed', timeoutMs);
    },
  };
}
