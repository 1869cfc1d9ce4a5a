import type { Client } from '@temporalio/client';
import type { HistoryEvent } from './facts';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type RawEvent = NonNullable<History['events']>[number];
type Plain = { readonly [key: string]: unknown };

export type RunHistory = {
  readonly workflowId: string;
  readonly raw: History;
  readonly events: readonly HistoryEvent[];
};

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null;
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isPlain(inner) ? inner[key] : undefined), value);

const suffix = 'EventAttributes';

/** `activityTaskScheduled` and its attributes. */
function kindOf(event: RawEvent): { readonly kind: string; readonly attributes: Plain } {
  for (const [key, value] of Object.entries(event))
    if (key.endsWith(suffix) && isPlain(value)) return { kind: key.slice(0, -suffix.length), attributes: value };
  return { kind: 'unknown', attributes: {} };
}

const textOf = (payloads: unknown): string =>
  Array.isArray(payloads)
    ? payloads
        .map((payload) => Buffer.from((at(payload, 'data') as Uint8Array | undefined) ?? []).toString('utf8'))
        .join('\n')
    : '';

/** The key of the effect that an activity's input names. */
function effectOf(attributes: Plain): string | undefined {
  const text = textOf(at(attributes, 'input', 'payloads'));
  if (!text.startsWith('{')) return undefined;
  const key = at(JSON.parse(text.split('\n')[0] ?? '{}'), 'sealed', 'effect', 'key');
  return typeof key === 'string' ? key : undefined;
}

function failureOf(attributes: Plain): HistoryEvent['failure'] {
  const failure = at(attributes, 'failure');
  if (!isPlain(failure)) return undefined;
  const type = at(failure, 'applicationFailureInfo', 'type');
  return { type: typeof type === 'string' ? type : 'unknown', message: String(failure['message']) };
}

function toEvent(event: RawEvent, { workflowId, runId }: Pick<HistoryEvent, 'workflowId' | 'runId'>): HistoryEvent {
  const { kind, attributes } = kindOf(event);
  const activity = at(attributes, 'activityType', 'name');
  const effect = kind === 'activityTaskScheduled' ? effectOf(attributes) : undefined;
  const scheduledId = attributes['scheduledEventId'];
  const failure = failureOf(attributes);
  return {
    type: kind.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
    id: Number(event.eventId),
    atMs: Number(event.eventTime?.seconds ?? 0) * 1_000 + Number(event.eventTime?.nanos ?? 0) / 1e6,
    workflowId,
    runId,
    ...(typeof activity === 'string' ? { activity } : {}),
    ...(effect === undefined ? {} : { effect }),
    ...(scheduledId === undefined || scheduledId === null ? {} : { scheduledId: Number(scheduledId) }),
    ...(typeof attributes['attempt'] === 'number' ? { attempt: attributes['attempt'] } : {}),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** One run, the runs it was continued as and the workflows it started, as the server has them. */
export async function readHistories(client: Client, workflowId: string, runId: string): Promise<readonly RunHistory[]> {
  const raw = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const found: RunHistory[] = [
    { workflowId, raw, events: (raw.events ?? []).map((event) => toEvent(event, { workflowId, runId })) },
  ];
  for (const event of raw.events ?? []) {
    const { kind, attributes } = kindOf(event);
    const next = kind === 'workflowExecutionContinuedAsNew' ? attributes['newExecutionRunId'] : undefined;
    if (typeof next === 'string') found.push(...(await readHistories(client, workflowId, next)));
    const child = kind === 'childWorkflowExecutionStarted' ? at(attributes, 'workflowExecution') : undefined;
    const [childId, childRun] = [at(child, 'workflowId'), at(child, 'runId')];
    if (typeof childId === 'string' && typeof childRun === 'string')
      found.push(...(await readHistories(client, childId, childRun)));
  }
  return found;
}

/** Everything in a history that can be read, payloads decoded. */
export const readable = ({ raw }: RunHistory): string =>
  JSON.stringify(raw, (_, value: unknown) =>
    value instanceof Uint8Array
      ? Buffer.from(value).toString('utf8')
      : typeof value === 'bigint'
        ? String(value)
        : value,
  );
