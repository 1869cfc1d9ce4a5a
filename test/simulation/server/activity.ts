import type { Outcome } from './failures';

/** An activity as the server knows it, through all its attempts. */
export type Task = {
  readonly workflowId: string;
  readonly runId: string;
  readonly seq: number;
  readonly type: string;
  readonly input: unknown;
  readonly scheduledAtMs: number;
  readonly isCancelRequested: boolean;
  /** Whether nobody waits for a result any more. */
  readonly isOver: boolean;
  /** What the last heartbeat carried. */
  readonly heartbeat: unknown;
  readonly current: Attempt | undefined;
};

/** One try of an activity somewhere in a worker. */
export type Attempt = {
  readonly task: Task;
  readonly number: number;
  /** Whether the server still waits for this very attempt. */
  isWanted(): boolean;
  beat(details?: unknown): void;
  /** Tells the server; what a late attempt says is not heard. */
  report(outcome: Outcome): void;
  /** No heartbeat comes any more: the server will notice after the time-out. */
  fallSilent(): void;
  /** It beats and speaks again, if that is not too late. */
  wake(): void;
};

/** Runs attempts: what a worker does. */
export type Worker = {
  start(attempt: Attempt): void;
  /** A heartbeat's answer said that the attempt is not wanted any more. */
  cancel(attempt: Attempt): void;
};

/** What the server can do to an activity. */
export type TaskHandle = {
  readonly task: Task;
  requestCancel(): void;
  /** The workflow that asked for it is gone. */
  forget(): void;
  /** The worker with the running attempt died. */
  loseWorker(): void;
};
