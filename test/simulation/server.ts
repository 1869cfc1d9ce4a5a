/* eslint max-lines: ['error', 600] -- one run of one workflow is one closure: its parts share everything */
import type { RunFacts } from '../../src/ports/runs';
import type { Agenda } from './agenda';
import { createTask, type Task, type TaskHandle, type Worker } from './activity-tasks';
import { failureOf, type Outcome } from './failures';
import type { Random } from './random';
import type { Sandbox } from './workflow-code';
import {
  createInstance,
  job,
  milliseconds,
  payloadOf,
  valueOf,
  valuesOf,
  type Command,
  type Fields,
  type Instance,
  type InstanceInfo,
  type Job,
  type Moment,
} from './workflow-instance';

/** How a run ended. */
export type Closing =
  | { readonly kind: 'completed'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string }
  | { readonly kind: 'continued' };

export type Hooks = {
  /** After a workflow task took effect: what the workflow knows now. */
  readonly afterTask: (run: RunView) => void;
  readonly onScheduled: (task: Task) => void;
  /** The workflow has been given what became of an activity. */
  readonly onDelivered: (task: Task, outcome: Outcome) => void;
  /** A message reached the workflow's code; the task may still be lost, and then it reaches it again. */
  readonly onHeard: (run: RunView, name: string, payload: unknown) => void;
  /** A message has become history. */
  readonly onMessage: (run: RunView, name: string, payload: unknown) => void;
  readonly onClosed: (run: RunView, closing: Closing) => void;
  readonly note: (kind: string, detail: string) => void;
};

export type RunView = {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly isClosed: boolean;
  query(name: string): unknown;
  pending(type: string): readonly Task[];
};

/** What goes wrong with workflow tasks and how long things take. */
export type ServerChaos = {
  taskDelayMs(): number;
  queueMs(): number;
  cancelHeardMs(): number;
  /** Whether the worker dies before this workflow task is completed. */
  losesTask(): boolean;
  /** After how many events a run is told to begin anew. */
  historyLimit(): number;
};

type Activation = { readonly moment: Moment; readonly jobs: readonly Job[]; readonly commands: string };
type OpenTask = {
  /** What the server gave; all of it is given again when the task is lost. */
  readonly jobs: Job[];
  readonly activations: Activation[];
  readonly commands: Command[];
  readonly locals: Map<number, TaskHandle>;
  /** Resolutions that need no server: local activities, and cancellations that are not waited for. */
  resolutions: Job[];
  readonly resolvedAtOnce: Set<number>;
};

const decoder = new TextDecoder();
const taskTimeoutMs = 10_000;
const localHeartbeatMs = 8_000;
const neverWaits = 2; // ABANDON
const waits = 1; // WAIT_CANCELLATION_COMPLETED

const isFromOutside = ({ variant }: Job): boolean =>
  variant === 'signalWorkflow' || variant === 'doUpdate' || variant === 'cancelWorkflow';
// Temporal's core hands signals and updates over before anything else of the same task.
const inOrder = (jobs: readonly Job[]): Job[] => [
  ...jobs.filter(({ variant }) => variant === 'initializeWorkflow'),
  ...jobs.filter(isFromOutside),
  ...jobs.filter((item) => item.variant !== 'initializeWorkflow' && !isFromOutside(item)),
];

/** A Temporal server and its workflow workers, in virtual time: histories, tasks, activities, timers, children. */
export function createServer(
  agenda: Agenda,
  random: Random,
  sandbox: Sandbox,
  worker: Worker,
  chaos: ServerChaos,
  hooks: Hooks,
) {
  const open = new Map<string, ReturnType<typeof createRun>>();
  const all = new Map<string, ReturnType<typeof createRun>>();
  let runs = 0;

  function createRun(info: InstanceInfo & { readonly shown: ReadonlyMap<string, string> }, input: unknown) {
    let instance: Instance | undefined;
    let flags: readonly number[] = [];
    let inbox: Job[] = [job('initializeWorkflow', { arguments: input, headers: {} })];
    let task: OpenTask | undefined;
    let isScheduled = false;
    let isClosed = false;
    let events = 3;
    let attempts = 0;
    const historyLimit = chaos.historyLimit();
    const history: Activation[] = [];
    const shown = new Map<string, string>(info.shown);
    const activities = new Map<number, TaskHandle>();
    const timers = new Map<number, () => void>();

    const view: RunView = {
      workflowId: info.workflowId,
      runId: info.runId,
      type: info.workflowType,
      get isClosed() {
        return isClosed;
      },
      query: (name) => (instance ?? replay()).query(name),
      pending: (type) =>
        [...activities.values()].map((handle) => handle.task).filter((its) => its.type === type && !its.isOver),
    };

    function deliver(item: Job): void {
      if (isClosed) return;
      inbox.push(item);
      events += item.variant === 'resolveActivity' ? 3 : 1;
      schedule(chaos.taskDelayMs());
    }

    function schedule(delayMs: number): void {
      if (isClosed || isScheduled || task !== undefined) return;
      isScheduled = true;
      agenda.after(delayMs, () => {
        isScheduled = false;
        if (!isClosed) begin();
      });
    }

    /** A worker that has not got the workflow in its cache goes through its whole history again. */
    function replay(): Instance {
      const again = createInstance(sandbox, info, flags);
      for (const { moment, jobs, commands } of history) {
        const repeated = again.activate({ ...moment, isReplaying: true }, asReplayed(jobs));
        const text = textOf(repeated);
        if (text !== commands)
          throw new Error(`the replay differs: it says ${text.slice(0, 300)} instead of ${commands.slice(0, 300)}`);
      }
      instance = again;
      return again;
    }

    function begin(): void {
      const jobs = inOrder(inbox);
      inbox = [];
      const its: OpenTask = {
        jobs: [...jobs],
        activations: [],
        commands: [],
        locals: new Map(),
        resolutions: [],
        resolvedAtOnce: new Set(),
      };
      task = its;
      if (instance === undefined && history.length === 0) instance = createInstance(sandbox, info, flags);
      // A local activity is a part of its task: one that was lost with it begins again.
      for (const [seq, command] of unresolved) if (!its.locals.has(seq)) startLocal(its, command);
      run(its, jobs);
    }

    function run(its: OpenTask, given: readonly Job[]): void {
      const live = instance ?? replay();
      for (let jobs = given; ; jobs = its.resolutions.splice(0)) {
        if (jobs.length === 0) break;
        const moment: Moment = {
          atMs: agenda.nowMs(),
          historyLength: events,
          continueAsNewSuggested: events >= historyLimit,
          isReplaying: false,
        };
        for (const item of jobs) tell(item, hooks.onHeard);
        const commands = live.activate(moment, jobs);
        flags = live.flags();
        its.activations.push({ moment, jobs, commands: textOf(commands) });
        for (const command of commands) take(its, command);
      }
      hooks.note('task', `${info.workflowId} ${its.commands.map((command) => Object.keys(command)[0]).join()}`);
      settle(its);
    }

    function tellDelivered(item: Job): void {
      const resolved = resolutions.get(item);
      if (resolved?.task.isLocal === true) unresolved.delete(resolved.task.seq);
      if (resolved !== undefined) hooks.onDelivered(resolved.task, resolved.outcome);
      tell(item, hooks.onMessage);
    }

    function tell(item: Job, hear: Hooks['onMessage']): void {
      if (item.variant === 'signalWorkflow') {
        const { signalName, input: said } = item['signalWorkflow'] as Fields;
        hear(view, String(signalName), valuesOf(said)[0]);
      }
      if (item.variant === 'doUpdate') {
        const { name, input: said } = item['doUpdate'] as Fields;
        hear(view, String(name), valuesOf(said)[0]);
      }
      if (item.variant === 'cancelWorkflow') hear(view, 'cancel', undefined);
    }

    /** What needs no server happens within the task; the rest waits until it is completed. */
    function take(its: OpenTask, command: Command): void {
      const { scheduleLocalActivity, requestCancelLocalActivity, requestCancelActivity } = command;
      if (scheduleLocalActivity !== undefined) return startLocal(its, scheduleLocalActivity);
      if (requestCancelLocalActivity !== undefined) {
        const seq = Number(requestCancelLocalActivity['seq']);
        const handle = its.locals.get(seq);
        its.locals.delete(seq);
        handle?.forget();
        if (handle !== undefined) its.resolutions.push(resolution(handle.task, { kind: 'cancelled' }));
        return;
      }
      if (requestCancelActivity !== undefined) {
        const seq = Number(requestCancelActivity['seq']);
        const unsent = its.commands.findIndex((other) => other['scheduleActivity']?.['seq'] === seq);
        const scheduled = its.commands[unsent]?.['scheduleActivity'];
        if (scheduled !== undefined) {
          its.commands.splice(unsent, 1);
          its.resolutions.push(
            job('resolveActivity', { seq, result: cancelledResult(String(scheduled['activityType'])) }),
          );
          return;
        }
        const handle = activities.get(seq);
        if (handle !== undefined && cancellationOf.get(handle) !== waits) {
          its.resolvedAtOnce.add(seq);
          its.resolutions.push(resolution(handle.task, { kind: 'cancelled' }));
        }
      }
      its.commands.push(command);
    }

    /** Local activities whose task was completed before they were: by seq. */
    const unresolved = new Map<number, Fields>();
    const cancellationOf = new Map<TaskHandle, number>();
    const place = (isLocal: boolean) => ({ workflowId: info.workflowId, runId: info.runId, isLocal });

    function startLocal(its: OpenTask, command: Fields): void {
      const seq = Number(command['seq']);
      const handle = createTask(agenda, worker, chaos, place(true), command, (outcome) => {
        if (task !== its || isClosed) return;
        its.locals.delete(seq);
        run(its, [resolution(handle.task, outcome)]);
      });
      its.locals.set(seq, handle);
      hooks.onScheduled(handle.task);
      // A task whose local activities take long is completed in between, so that news can come in.
      agenda.after(localHeartbeatMs, () => {
        if (task !== its || !its.locals.has(seq)) return;
        unresolved.set(seq, command);
        beat(its);
      });
    }

    function beat(its: OpenTask): void {
      commit(its);
      if (isClosed) return;
      its.commands.splice(0);
      its.activations.splice(0);
      its.jobs.splice(0);
      const jobs = inOrder(inbox);
      inbox = [];
      its.jobs.push(...jobs);
      if (jobs.length > 0) run(its, jobs);
    }

    /** The task is completed a moment after the workflow's code has run: until then it can be lost. */
    function settle(its: OpenTask): void {
      if (its.locals.size > 0) return;
      agenda.after(random.whole(0, 3), () => {
        if (task !== its || isClosed || its.locals.size > 0 || its.resolutions.length > 0) return;
        if (chaos.losesTask()) return lose('worker lost', taskTimeoutMs);
        // The server takes no ending while there is news that the workflow has not seen.
        if (inbox.length > 0 && its.commands.some(isClosing)) return lose('unhandled news', 0);
        task = undefined;
        commit(its);
        if (isClosed) return;
        attempts = 0;
        hooks.afterTask(view);
        if (inbox.length > 0) schedule(0);
      });
    }

    function lose(why: string, afterMs: number): void {
      if (task === undefined) return;
      hooks.note('task lost', why);
      for (const handle of task.locals.values()) handle.forget();
      inbox = [...task.jobs, ...inbox];
      task = undefined;
      instance = undefined;
      attempts += 1;
      if (attempts > 50) throw new Error(`the workflow task of ${info.workflowId} is lost again and again: ${why}`);
      schedule(afterMs);
    }

    /** From here on it has happened: what was told, and what the workflow asked for. */
    function commit(its: OpenTask): void {
      history.push(...its.activations);
      for (const { jobs } of its.activations) for (const item of jobs) tellDelivered(item);
      for (const command of its.commands) {
        events += 1;
        applyOne(its, command);
        if (isClosed) return;
      }
    }

    function applyOne(its: OpenTask, command: Command): void {
      const { scheduleActivity, requestCancelActivity, startTimer, cancelTimer } = command;
      if (scheduleActivity !== undefined) return startActivity(scheduleActivity);
      if (requestCancelActivity !== undefined) {
        const seq = Number(requestCancelActivity['seq']);
        const handle = activities.get(seq);
        if (handle === undefined) return;
        if (cancellationOf.get(handle) !== neverWaits) handle.requestCancel();
        if (!its.resolvedAtOnce.has(seq)) return;
        activities.delete(seq);
        inbox = inbox.filter((item) => (item['resolveActivity'] as Fields | undefined)?.['seq'] !== seq);
        return;
      }
      if (startTimer !== undefined) {
        const seq = Number(startTimer['seq']);
        const afterMs = milliseconds(startTimer['startToFireTimeout']) ?? 0;
        const fire = (): void => {
          timers.delete(seq);
          deliver(job('fireTimer', { seq }));
        };
        timers.set(seq, agenda.after(afterMs, fire));
        return;
      }
      if (cancelTimer !== undefined) {
        const seq = Number(cancelTimer['seq']);
        timers.get(seq)?.();
        timers.delete(seq);
        // A timer that fired meanwhile is not told any more.
        inbox = inbox.filter((item) => (item['fireTimer'] as Fields | undefined)?.['seq'] !== seq);
        return;
      }
      const { upsertWorkflowSearchAttributes } = command;
      if (upsertWorkflowSearchAttributes !== undefined) return show(upsertWorkflowSearchAttributes);
      const { startChildWorkflowExecution, failWorkflowExecution, completeWorkflowExecution } = command;
      if (startChildWorkflowExecution !== undefined) return startChild(startChildWorkflowExecution);
      if (completeWorkflowExecution !== undefined)
        return close({ kind: 'completed', result: valueOf(completeWorkflowExecution['result']) });
      if (failWorkflowExecution !== undefined) {
        const failure = failWorkflowExecution['failure'] as Fields;
        const application = failure['applicationFailureInfo'] as Fields | undefined;
        return close({
          kind: 'failed',
          type: text(application?.['type']) ?? 'none',
          message: String(failure['message']),
        });
      }
      const { continueAsNewWorkflowExecution, cancelWorkflowExecution } = command;
      if (cancelWorkflowExecution !== undefined) return close({ kind: 'failed', type: 'Cancelled', message: '' });
      if (continueAsNewWorkflowExecution !== undefined) {
        close({ kind: 'continued' });
        begun({
          workflowId: info.workflowId,
          workflowType: info.workflowType,
          firstExecutionRunId: info.firstExecutionRunId,
          continuedFromExecutionRunId: info.runId,
          ...(info.parent === undefined ? {} : { parent: info.parent }),
          shown,
          input: continueAsNewWorkflowExecution['arguments'],
        });
        return;
      }
      for (const kind of Object.keys(command))
        if (!harmless.has(kind)) throw new Error(`the simulation knows no command ${kind}: teach it in server.ts`);
    }

    function show(command: Fields): void {
      const { indexedFields } = command['searchAttributes'] as { readonly indexedFields: Fields };
      for (const [name, { data }] of Object.entries(indexedFields as Record<string, { readonly data: Uint8Array }>))
        shown.set(name, String(JSON.parse(decoder.decode(data))));
    }

    function startActivity(command: Fields): void {
      const seq = Number(command['seq']);
      const handle = createTask(agenda, worker, chaos, place(false), command, (outcome) => {
        if (!activities.delete(seq) || isClosed) return;
        deliver(resolution(handle.task, outcome));
      });
      cancellationOf.set(handle, Number(command['cancellationType'] ?? 0));
      activities.set(seq, handle);
      hooks.onScheduled(handle.task);
    }

    function startChild(command: Fields): void {
      const seq = Number(command['seq']);
      const workflowId = String(command['workflowId']);
      if (open.has(workflowId)) {
        const failed = { workflowId, workflowType: command['workflowType'], cause: 1 };
        return deliver(job('resolveChildWorkflowExecutionStart', { seq, failed }));
      }
      const parent = { workflowId: info.workflowId, runId: info.runId, namespace: 'simulation' };
      const workflowType = String(command['workflowType']);
      const runId = begun({ workflowId, workflowType, parent, input: command['input'] });
      deliver(job('resolveChildWorkflowExecutionStart', { seq, succeeded: { runId } }));
    }

    function close(closing: Closing): void {
      isClosed = true;
      open.delete(info.workflowId);
      for (const handle of activities.values()) handle.forget();
      for (const cancel of timers.values()) cancel();
      hooks.onClosed(view, closing);
    }

    return {
      view,
      describe: (): RunFacts => ({
        runId: info.runId,
        firstRunId: info.firstExecutionRunId,
        isRunning: !isClosed,
        ...(shown.has('SpillwayPhase') ? { phase: shown.get('SpillwayPhase') ?? '' } : {}),
        pending: [...activities.values()].map(({ task: { seq, current, isCancelRequested } }) => ({
          activityId: String(seq),
          attempt: current?.number ?? 0,
          isCancelRequested,
        })),
      }),
      deliver,
      schedule,
      tasks: () => [...activities.values(), ...(task?.locals.values() ?? [])],
      /** The worker that holds the workflow dies. */
      loseWorker(): void {
        if (task === undefined) instance = undefined;
        else lose('worker killed', taskTimeoutMs);
      },
    };
  }

  type Beginning = {
    readonly workflowId: string;
    readonly workflowType: string;
    readonly input: unknown;
    readonly firstExecutionRunId?: string;
    readonly continuedFromExecutionRunId?: string;
    readonly parent?: InstanceInfo['parent'];
    readonly shown?: ReadonlyMap<string, string>;
  };

  function begun({ input, shown = new Map(), ...names }: Beginning): string {
    runs += 1;
    const runId = `run-${runs}`;
    const info = { firstExecutionRunId: runId, ...names, runId, startedAtMs: agenda.nowMs(), shown };
    const run = createRun(info as typeof info & InstanceInfo, input);
    all.set(runId, run);
    open.set(names.workflowId, run);
    run.schedule(chaos.taskDelayMs());
    return runId;
  }

  return {
    start: (workflowId: string, workflowType: string, input: unknown): string =>
      begun({ workflowId, workflowType, input: [payloadOf(input)] }),
    describe: (workflowId: string, runId?: string): RunFacts | undefined =>
      (runId === undefined ? open.get(workflowId) : all.get(runId))?.describe(),
    find: (workflowId: string): RunView | undefined => open.get(workflowId)?.view,
    signal(workflowId: string, signalName: string, payload: unknown): boolean {
      const run = open.get(workflowId);
      run?.deliver(job('signalWorkflow', { signalName, input: [payloadOf(payload)], headers: {} }));
      return run !== undefined;
    },
    update(workflowId: string, name: string, payload: unknown): boolean {
      const run = open.get(workflowId);
      runs += 1;
      const id = `update-${runs}`;
      run?.deliver(
        job('doUpdate', {
          id,
          protocolInstanceId: id,
          name,
          input: [payloadOf(payload)],
          headers: {},
          runValidator: true,
        }),
      );
      return run !== undefined;
    },
    cancel(workflowId: string): void {
      open.get(workflowId)?.deliver(job('cancelWorkflow', {}));
    },
    /** Kills every worker: workflows are forgotten, attempts fall silent. */
    killWorkers(): void {
      for (const run of open.values()) {
        for (const handle of run.tasks()) if (!handle.task.isLocal) handle.loseWorker();
        run.loseWorker();
      }
    },
    attempts: () => [...open.values()].flatMap((run) => run.tasks()).flatMap(({ task }) => task.current ?? []),
  };
}

export type Server = ReturnType<typeof createServer>;

const harmless = new Set([
  'upsertWorkflowSearchAttributes',
  'modifyWorkflowProperties',
  'updateResponse',
  'userMetadata',
  'eventGroupMarkers',
]);
const isClosing = (command: Command): boolean =>
  ['completeWorkflowExecution', 'failWorkflowExecution', 'continueAsNewWorkflowExecution'].some(
    (kind) => command[kind] !== undefined,
  );

const cancelledResult = (type: string): Fields => ({
  cancelled: { failure: failureOf(type, { kind: 'cancelled' }, false) },
});

function resultOf(type: string, outcome: Outcome, isBare: boolean): Fields {
  if (outcome.kind === 'completed')
    return { completed: outcome.value === undefined ? {} : { result: payloadOf(outcome.value) } };
  const failure = failureOf(type, outcome, isBare);
  return outcome.kind === 'cancelled' ? { cancelled: { failure } } : { failed: { failure } };
}

const resolutions = new WeakMap<Job, { readonly task: Task; readonly outcome: Outcome }>();

function resolution(task: Task, outcome: Outcome): Job {
  const { seq, type, isLocal } = task;
  const made = job('resolveActivity', { seq, result: resultOf(type, outcome, false), isLocal });
  resolutions.set(made, { task, outcome });
  return made;
}

const asReplayed = (jobs: readonly Job[]): readonly Job[] =>
  jobs.map((item) => {
    const known = resolutions.get(item);
    if (known === undefined || !known.task.isLocal || known.outcome.kind === 'completed') return item;
    const { seq, type } = known.task;
    return job('resolveActivity', { seq, result: resultOf(type, known.outcome, true), isLocal: true });
  });

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** Commands as they would stand in the history, for comparison. */
const textOf = (commands: readonly Command[]): string =>
  commands
    .map((command) =>
      Object.entries(command)
        .filter(([kind, fields]) => fields !== undefined && kind !== 'userMetadata' && kind !== 'eventGroupMarkers')
        .map(([kind, fields]) => `${kind} ${text(fields?.['seq']) ?? ''} ${text(fields?.['activityType']) ?? ''}`)
        .join(),
    )
    .join('; ');
