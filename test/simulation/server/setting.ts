import type { Agenda } from '../agenda';
import type { Random } from '../random';
import type { Task, Worker } from './activity';
import type { Outcome } from './failures';
import type { Sandbox } from './workflow-code';

/** How a run ended. */
export type Closing =
  | { readonly kind: 'completed'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string }
  | { readonly kind: 'continued' }
  /** By somebody else's hand; its code never heard of it. */
  | { readonly kind: 'terminated' };

/** A run as an onlooker sees it. */
export type RunView = {
  readonly workflowId: string;
  readonly runId: string;
  readonly firstRunId: string;
  readonly type: string;
  readonly isClosed: boolean;
  query(name: string): unknown;
  pending(type: string): readonly Task[];
};

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

/** What every part of the simulated server shares. */
export type Setting = {
  readonly agenda: Agenda;
  readonly random: Random;
  readonly sandbox: Sandbox;
  readonly worker: Worker;
  readonly chaos: ServerChaos;
  readonly hooks: Hooks;
};
