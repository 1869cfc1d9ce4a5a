import type { Activation } from './execution';
import { job, type Command, type Fields, type InstanceInfo, type Job } from './workflow-instance';

/** A workflow task between its begin and its completion. */
export type OpenTask = {
  /** What the server gave; all of it is given again when the task is lost. */
  readonly jobs: Job[];
  readonly activations: Activation[];
  readonly commands: Command[];
  /** Resolutions that need no server: cancellations that are not waited for. */
  resolutions: Job[];
  readonly resolvedAtOnce: Set<number>;
};

/** What the server keeps of one run of one workflow. */
export type RunRecord = {
  readonly info: InstanceInfo;
  /** Search attributes. */
  readonly shown: Map<string, string>;
  /** What the workflow has not been told yet. */
  inbox: Job[];
  task: OpenTask | undefined;
  events: number;
  isClosed: boolean;
};

export const newRecord = (info: InstanceInfo, shown: ReadonlyMap<string, string>, input: unknown): RunRecord => ({
  info,
  shown: new Map(shown),
  inbox: [job('initializeWorkflow', { arguments: input, headers: {} })],
  task: undefined,
  events: 3,
  isClosed: false,
});

export const newTask = (jobs: readonly Job[]): OpenTask => ({
  jobs: [...jobs],
  activations: [],
  commands: [],
  resolutions: [],
  resolvedAtOnce: new Set(),
});

const isFromOutside = ({ variant }: Job): boolean =>
  variant === 'signalWorkflow' || variant === 'doUpdate' || variant === 'cancelWorkflow';

/** Temporal's core hands signals and updates over before anything else of the same task. */
const inOrder = (jobs: readonly Job[]): Job[] => [
  ...jobs.filter(({ variant }) => variant === 'initializeWorkflow'),
  ...jobs.filter(isFromOutside),
  ...jobs.filter((item) => item.variant !== 'initializeWorkflow' && !isFromOutside(item)),
];

export function emptyInbox(record: RunRecord): Job[] {
  const jobs = inOrder(record.inbox);
  record.inbox = [];
  return jobs;
}

/** Takes back what the workflow does not wait for any more. */
export function withdraw(record: RunRecord, variant: 'resolveActivity' | 'fireTimer', seq: number): void {
  record.inbox = record.inbox.filter((item) => (item[variant] as Fields | undefined)?.['seq'] !== seq);
}
