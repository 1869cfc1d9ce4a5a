import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const historiesFolder = join(__dirname, 'histories');

type Started = { readonly workflowExecutionStartedEventAttributes?: { readonly workflowId?: string } };
export type Recorded = { readonly workflowId: string; readonly history: { readonly events: readonly Started[] } };

export const recordedNames: readonly string[] = readdirSync(historiesFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

/** A history and the id it ran under: the id names service and environment, so a replay needs it too. */
export function readRecorded(name: string): Recorded {
  const history = JSON.parse(readFileSync(join(historiesFolder, `${name}.json`), 'utf8')) as Recorded['history'];
  const workflowId = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  if (workflowId === undefined) throw new Error(`${name}.json does not say which workflow it is`);
  return { workflowId, history };
}
