/** What the engine's server knows of one run of a workflow, as it is now and not as a worker remembers it. */
export type RunFacts = {
  readonly runId: string;
  /** The first run of its chain: the same through every continue-as-new. */
  readonly firstRunId: string;
  readonly isRunning: boolean;
  /** Search attribute `SpillwayPhase`; undefined before the first stage. */
  readonly phase?: string;
  /** Search attribute `SpillwayStage`. */
  readonly stage?: string;
  /** The run that started it as a child. */
  readonly parent?: { readonly workflowId: string; readonly runId: string };
  readonly pending: readonly PendingActivity[];
};

/** An activity that the run waits for. */
type PendingActivity = {
  readonly activityId: string;
  readonly attempt: number;
  readonly isCancelRequested: boolean;
};
