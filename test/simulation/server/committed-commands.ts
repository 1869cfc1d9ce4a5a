import { text } from './command-text';
import type { Pending } from './pending';
import type { OpenTask, RunRecord } from './run-record';
import type { Closing } from './setting';
import { job, valueOf, type Command, type Fields, type InstanceInfo, type Job } from './workflow-instance';

/** How a run begins, beside what the server says of it itself. */
export type Beginning = {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly input: unknown;
  readonly firstExecutionRunId?: string;
  readonly continuedFromExecutionRunId?: string;
  readonly parent?: NonNullable<InstanceInfo['parent']>;
  readonly shown?: ReadonlyMap<string, string>;
};

export type RunsOfServer = {
  isOpen(workflowId: string): boolean;
  /** Returns the id of the run. */
  begin(beginning: Beginning): string;
};

type Act = (fields: Fields, task: OpenTask) => void;

const decoder = new TextDecoder();
const nothing: Act = () => undefined;

/** What a completed workflow task asks the server for. */
export function createCommitted(
  record: RunRecord,
  pending: Pending,
  runs: RunsOfServer,
  deliver: (item: Job) => void,
  close: (closing: Closing) => void,
) {
  const { info, shown } = record;

  function show(command: Fields): void {
    const { indexedFields } = command['searchAttributes'] as { readonly indexedFields: Fields };
    for (const [name, { data }] of Object.entries(indexedFields as Record<string, { readonly data: Uint8Array }>))
      shown.set(name, String(JSON.parse(decoder.decode(data))));
  }

  function startChild(command: Fields): void {
    const seq = Number(command['seq']);
    const workflowId = String(command['workflowId']);
    if (runs.isOpen(workflowId)) {
      const failed = { workflowId, workflowType: command['workflowType'], cause: 1 };
      return deliver(job('resolveChildWorkflowExecutionStart', { seq, failed }));
    }
    const parent = { workflowId: info.workflowId, runId: info.runId, namespace: 'simulation' };
    const workflowType = String(command['workflowType']);
    const runId = runs.begin({ workflowId, workflowType, parent, input: command['input'] });
    deliver(job('resolveChildWorkflowExecutionStart', { seq, succeeded: { runId } }));
  }

  function fail(command: Fields): void {
    const failure = command['failure'] as Fields;
    const application = failure['applicationFailureInfo'] as Fields | undefined;
    close({ kind: 'failed', type: text(application?.['type']) ?? 'none', message: String(failure['message']) });
  }

  function continueAsNew(command: Fields): void {
    close({ kind: 'continued' });
    runs.begin({
      workflowId: info.workflowId,
      workflowType: info.workflowType,
      firstExecutionRunId: info.firstExecutionRunId,
      continuedFromExecutionRunId: info.runId,
      ...(info.parent === undefined ? {} : { parent: info.parent }),
      shown,
      input: command['arguments'],
    });
  }

  const acts: { readonly [kind: string]: Act | undefined } = {
    scheduleActivity: (command) => pending.startActivity(command),
    requestCancelActivity(command, { resolvedAtOnce }) {
      const seq = Number(command['seq']);
      pending.cancelActivity(seq, resolvedAtOnce.has(seq));
    },
    startTimer: (command) => pending.startTimer(command),
    cancelTimer: (command) => pending.cancelTimer(Number(command['seq'])),
    upsertWorkflowSearchAttributes: show,
    startChildWorkflowExecution: startChild,
    completeWorkflowExecution: (command) => close({ kind: 'completed', result: valueOf(command['result']) }),
    failWorkflowExecution: fail,
    cancelWorkflowExecution: () => close({ kind: 'failed', type: 'Cancelled', message: '' }),
    continueAsNewWorkflowExecution: continueAsNew,
    modifyWorkflowProperties: nothing,
    setPatchMarker: nothing,
    updateResponse: nothing,
    userMetadata: nothing,
    eventGroupMarkers: nothing,
  };

  return (task: OpenTask, command: Command): void => {
    for (const [kind, fields] of Object.entries(command)) {
      const act = acts[kind];
      if (act === undefined)
        throw new Error(`the simulation knows no command ${kind}: teach it in committed-commands.ts`);
      if (fields !== undefined) act(fields, task);
    }
  };
}
