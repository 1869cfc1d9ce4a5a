import type { HoldReason, MissingReason, Verdict } from '../analysis/types';
import type { RollbackMode } from '../plan/plan';
import type { DrainProgress } from './drain';

/** The descriptor and exactly the files it names, as they travel with a start request. */
export type BundleFile = { readonly path: string; readonly sha256: string; readonly text: string };
export type Bundle = {
  readonly descriptor: { readonly path: string; readonly text: string };
  readonly files: readonly BundleFile[];
};

export type StartRequest = {
  readonly bundle: Bundle;
  readonly requestedBy: string;
  /** Refuse the release unless the compiled plan has this digest. */
  readonly expectPlan?: string;
};

/** Asks for the rollback of a release whose workflow was terminated or lost; the one that is open when no run is named. */
export type RecoverRequest = {
  readonly recover: { readonly firstRunId?: string };
  readonly requestedBy: string;
  readonly why: string;
};

/** Every message of a person carries who, why and an id by which a repeated message is noticed. */
export type PersonMessage = { readonly id: string; readonly by: string; readonly why: string };
/** `mode` asks for a way back; as the plan says when it is left out or unknown. */
export type AbortMessage = PersonMessage & { readonly mode?: RollbackMode };
export type GateMessage = PersonMessage & { readonly gate: string };
/** `effect` names the stuck compensation or contract part; all stuck ones when left out. */
export type StuckMessage = PersonMessage & { readonly effect?: string };

/**
 * What becomes of rows that an undo would lose: `keep` leaves the new form in place, `lose` undoes it with a copy kept
 * beside, `retry` asks again after they were mended.
 */
export const dataChoices = ['keep', 'lose', 'retry'] as const;
export type DataChoice = (typeof dataChoices)[number];
export type ChoiceMessage = StuckMessage & { readonly choice: DataChoice };

export type Acknowledgement = { readonly accepted: true; readonly sentence: string };

/** What the running watch tells the workflow; only when its class changes. */
export type WatchNotice =
  | {
      readonly kind: 'class';
      readonly watchId: string;
      /** Which attempt at the watch says so, from 1; left out by an older worker. */
      readonly attempt?: number;
      readonly stageId: string;
      readonly class: WatchClass;
      readonly reason: string;
      readonly verdicts: readonly Verdict[];
      readonly missing?: MissingReason;
    }
  | {
      readonly kind: 'split-lost';
      readonly watchId: string;
      readonly attempt?: number;
      readonly stageId: string;
      readonly observed: string;
      readonly isByHand: boolean;
    };

/** What a drain tells, on the same channel: where it is. */
export type DrainNotice = { readonly kind: 'drain'; readonly progress: DrainProgress };

export type WatchClass = 'advance' | HoldReason;

/** Names of handlers; the same for CLI, console, machines and the Temporal UI. */
export const messageNames = {
  approve: 'approve',
  reject: 'reject',
  pause: 'pause',
  resume: 'resume',
  retry: 'retry',
  continue: 'continue',
  waive: 'waive',
  chooseData: 'chooseData',
  previewUndo: 'previewUndo',
  abort: 'abort',
  watched: 'watched',
  state: 'state',
  explain: 'explain',
} as const;

/** Queues of one environment. A rollback never waits behind anything: `undo` has its own slots, and a store that hangs holds those of `notices` only. */
export const taskQueues = (environment: string) =>
  ({
    workflow: `spillway-${environment}-workflow`,
    observe: `spillway-${environment}-observe`,
    effects: `spillway-${environment}-effects`,
    undo: `spillway-${environment}-undo`,
    notices: `spillway-${environment}-notices`,
  }) as const;

/** This id is the lock: one release of a service at a time. */
export const releaseWorkflowId = (environment: string, service: string): string => `release/${environment}/${service}`;

/** The service of a release's workflow id; empty for any other id. */
export const serviceOf = (workflowId: string): string => workflowId.split('/')[2] ?? '';

export const reconcileWorkflowId = (environment: string, service: string, release: string): string =>
  `reconcile/${environment}/${service}/${release}`;

export const contractWorkflowId = (environment: string, service: string, release: string): string =>
  `contract/${environment}/${service}/${release}`;
