import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';

const historiesFolder = join(__dirname, 'histories');

type Started = { readonly workflowExecutionStartedEventAttributes?: { readonly workflowId?: string } };
export type Recorded = { readonly workflowId: string; readonly history: { readonly events: readonly Started[] } };

/** A folder a version: those of a released version stay as they are, for its releases may still be open. */
export const recordedVersions: readonly string[] = readdirSync(historiesFolder);

/** Where the histories of the version at hand are written. */
export function presentFolder(): string {
  const folder = join(historiesFolder, version);
  mkdirSync(folder, { recursive: true });
  return folder;
}

export const recordedNames = (ofVersion: string): readonly string[] =>
  readdirSync(join(historiesFolder, ofVersion))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));

/** A history and the id it ran under: the id names service and environment, so a replay needs it too. */
export function readRecorded(ofVersion: string, name: string): Recorded {
  const text = readFileSync(join(historiesFolder, ofVersion, `${name}.json`), 'utf8');
  const history = JSON.parse(text) as Recorded['history'];
  const workflowId = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  if (workflowId === undefined) throw new Error(`${ofVersion}/${name}.json does not say which workflow it is`);
  return { workflowId, history };
}
