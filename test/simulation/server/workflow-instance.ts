import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time';
import type { Sandbox } from './workflow-code';

/** One job of an activation, as Temporal's core hands it to the workflow's runtime. */
export type Job = { readonly variant: string; readonly [field: string]: unknown };
/** One command of a workflow, as its runtime hands it to Temporal's core. */
export type Command = { readonly [kind: string]: Fields | undefined };
export type Fields = { readonly [field: string]: unknown };

export const job = (variant: string, fields: Fields): Job => ({ variant, [variant]: fields });

export type InstanceInfo = {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly firstExecutionRunId: string;
  readonly continuedFromExecutionRunId?: string;
  readonly parent?: { readonly workflowId: string; readonly runId: string; readonly namespace: string };
  readonly startedAtMs: number;
};

/** What one activation is about, beside its jobs. */
export type Moment = {
  readonly atMs: number;
  readonly historyLength: number;
  readonly continueAsNewSuggested: boolean;
  readonly isReplaying: boolean;
};

type Activator = {
  now: number;
  info: Fields;
  mutateWorkflowInfo(change: (info: Fields) => Fields): void;
  addKnownFlags(flags: readonly number[]): void;
  notifyHasPatch(mark: unknown): void;
  readonly knownFlags: Set<number>;
  payloadConverter: unknown;
  readonly queryHandlers: Map<string, { handler: () => unknown }>;
  readonly interceptors: {
    readonly internals: readonly { readonly dispose?: (input: object, next: () => void) => void }[];
  };
};

export type Instance = {
  /** Runs one activation to its end; throws what would fail the workflow task. */
  activate(moment: Moment, jobs: readonly Job[]): readonly Command[];
  /** Flags of the SDK that the run uses; a replay has to know them. */
  flags(): readonly number[];
  query(name: string): unknown;
};

export type Payload = { readonly json: string | undefined };

export const payloadOf = (value: unknown): Payload => ({ json: JSON.stringify(value) });

/** A payload with its bytes, too: signals are looked at before they are decoded. */
export const signalPayloadOf = (value: unknown): Payload => ({
  ...payloadOf(value),
  ...defaultPayloadConverter.toPayload(value),
});

/** What a payload holds; undefined for one without data. */
export function valueOf(payload: unknown): unknown {
  const json = (payload as Partial<Payload> | undefined)?.json;
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}

export const valuesOf = (payloads: unknown): unknown[] => ((payloads ?? []) as unknown[]).map(valueOf);

export const milliseconds = (duration: unknown): number | undefined =>
  duration === undefined || duration === null ? undefined : tsToMs(duration);

/** What reads a signal may write another one in its place; a replay gets what came. */
const ownCopy = (item: Job): Job => ({ ...item, [item.variant]: { ...(item[item.variant] as Fields) } });

/** A workflow in the sandbox, driven as Temporal's worker drives it: jobs in, then conditions and microtasks until none moves. */
export function createInstance(sandbox: Sandbox, info: InstanceInfo, knownFlags: readonly number[] = []): Instance {
  const { startedAtMs, ...names } = info;
  sandbox.call('initRuntime', {
    info: {
      ...names,
      searchAttributes: {},
      typedSearchAttributes: {},
      taskQueue: 'simulation',
      namespace: 'simulation',
      originalExecutionRunId: info.runId,
      startTime: new Date(startedAtMs),
      runStartTime: new Date(startedAtMs),
      taskTimeoutMs: 10_000,
      attempt: 1,
      historyLength: 0,
      historySize: 0,
      continueAsNewSuggested: false,
      unsafe: { isReplaying: false, isReplayingHistoryEvents: false },
    },
    now: startedAtMs,
    randomnessSeed: [...info.runId].map((letter) => letter.charCodeAt(0)),
    showStackTraceSources: false,
    getTimeOfDay: () => 0n,
    registeredActivityNames: { has: () => true },
    stackTracesEnabled: false,
  });
  const activator = sandbox.context['__TEMPORAL_ACTIVATOR__'] as Activator;
  activator.addKnownFlags(knownFlags);
  activator.payloadConverter = sandbox.converter;
  // An instance of the same run before this one must not get its messages.
  for (const { dispose } of activator.interceptors.internals) dispose?.({}, () => undefined);
  return {
    activate(moment, jobs) {
      sandbox.enter(activator);
      activator.now = moment.atMs;
      activator.mutateWorkflowInfo((before) => ({
        ...before,
        historyLength: moment.historyLength,
        continueAsNewSuggested: moment.continueAsNewSuggested,
        unsafe: {
          ...(before['unsafe'] as Fields),
          isReplaying: moment.isReplaying,
          isReplayingHistoryEvents: moment.isReplaying,
        },
      }));
      const first = jobs.find(({ variant }) => variant === 'initializeWorkflow');
      if (first !== undefined) sandbox.call('initialize', first['initializeWorkflow']);
      // Marks of patches come before everything else, also before the workflow begins.
      for (const { notifyHasPatch: mark } of jobs) if (mark !== undefined) activator.notifyHasPatch(mark);
      sandbox.call('activate', {
        runId: info.runId,
        jobs: jobs.filter(({ variant }) => variant !== 'notifyHasPatch').map(ownCopy),
      });
      while (sandbox.call('tryUnblockConditions') !== 0);
      const { successful } = sandbox.call('concludeActivation') as {
        readonly successful: { readonly commands: readonly Command[] };
      };
      return successful.commands;
    },
    flags: () => [...activator.knownFlags],
    query: (name) => activator.queryHandlers.get(name)?.handler(),
  };
}
