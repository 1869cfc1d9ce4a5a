import type { Payload } from '@temporalio/common';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { isObject } from './shape';
import { call, type Temporal } from './temporal';

type Fields = { readonly [field: string]: unknown };

/** What only the beginning of a run's history tells, as it was found there: who reads it looks whether it is what he wants. */
export type Origin = {
  /** What the workflow was started with. */
  readonly input: Fields;
  /** Whether a worker has begun with it. */
  readonly isBegun: boolean;
  /** The wanted fields, wherever they were found. */
  readonly fields: Fields;
};

const pageSize = 100;

type Events = Awaited<ReturnType<Temporal['client']['workflowService']['getWorkflowExecutionHistory']>>['history'];
type Event = NonNullable<NonNullable<Events>['events']>[number];

const payloadsOf = ({
  workflowExecutionStartedEventAttributes: started,
  activityTaskCompletedEventAttributes: completed,
}: Event): Payload[] | null | undefined => started?.input?.payloads ?? completed?.result?.payloads;

const inside = (value: Fields, field: string): readonly Fields[] => {
  const found = value[field];
  return isObject(found) ? [found] : [];
};

/** A state comes in from the run before or from a recovery; else plan and snapshot come from what made them. */
const placesOf = (value: Fields): readonly Fields[] => [
  ...inside(value, 'carried').flatMap((carried) => inside(carried, 'state')),
  ...inside(value, 'state'),
  value,
];

/** Reads a history from its beginning, until the wanted fields are found or it ends. */
export async function readOrigin(
  temporal: Temporal,
  execution: { readonly workflowId: string; readonly runId: string },
  wanted: readonly string[],
): Promise<Origin> {
  const { client, settings } = temporal;
  const fields = new Map<string, unknown>();
  let input: Fields = {};
  let isBegun = false;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await call(temporal, execution, () =>
      client.workflowService.getWorkflowExecutionHistory({
        namespace: settings.namespace,
        execution,
        maximumPageSize: pageSize,
        ...(nextPageToken === undefined ? {} : { nextPageToken }),
      }),
    );
    for (const event of page.history?.events ?? []) {
      isBegun ||= (event.workflowTaskCompletedEventAttributes ?? null) !== null;
      const [value] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloadsOf(event));
      if (!isObject(value)) continue;
      if ((event.workflowExecutionStartedEventAttributes ?? null) !== null) input = value;
      for (const field of wanted)
        for (const place of placesOf(value))
          if (isObject(place[field]) && !fields.has(field)) fields.set(field, place[field]);
    }
    nextPageToken = page.nextPageToken ?? undefined;
  } while ((nextPageToken?.length ?? 0) > 0 && wanted.some((field) => !fields.has(field)));
  return { input, isBegun, fields: Object.fromEntries(fields) };
}
