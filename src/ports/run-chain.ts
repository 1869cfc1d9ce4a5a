export type RunStatus = 'running' | 'completed' | 'failed' | 'canceled' | 'terminated' | 'continued' | 'timed-out';

/** One run of a workflow, as Temporal knows it. */
export type Run = {
  readonly workflowId: string;
  readonly runId: string;
  /** The run that its chain began with: a run that goes on, and a run that a reset copied, keep it. */
  readonly firstRunId: string;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  /** A copy of an earlier run up to some point, made by a reset. */
  readonly isReset: boolean;
  /** The newest copy that a reset made of this run. */
  readonly resetRunId?: string;
  readonly parent?: { readonly workflowId: string; readonly runId: string };
};

/** What Temporal itself knows of runs, also of those that are closed. */
export interface RunsPort {
  /** Undefined when there is no such run any more. */
  describe(workflowId: string, runId: string): Promise<Run | undefined>;
  /** Runs of a workflow id, newest first; what began in the last instant may be missing. */
  list(workflowId: string, limit: number): Promise<readonly string[]>;
  /** The run in which one goes on that was continued; undefined when it was not, or its history is gone. */
  next(workflowId: string, runId: string): Promise<string | undefined>;
  /** Whether a worker ever finished a task of a run; true where nobody can tell. */
  hasBegun(workflowId: string, runId: string): Promise<boolean>;
  /** What a closed run gave back or failed with; undefined when it left nothing. */
  report(workflowId: string, runId: string): Promise<unknown>;
  /** The state of a run, from its history; undefined when that is gone or cannot be read. */
  state(workflowId: string, runId: string): Promise<unknown>;
  /** Ends a run at once, with why. A run that has ended is left as it is. */
  terminate(workflowId: string, runId: string, why: string): Promise<void>;
}
