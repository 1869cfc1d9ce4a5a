import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Embedded } from '../stack/embedded';
import { otherTemporalSettings } from '../stack/other-temporal';
import { shellExports, shellUnset } from './shell-exports';

/** What the command line, or one more worker, needs to reach an embedded stack. */
export const environmentOf = ({ env, stack }: Embedded): { readonly [name: string]: string } => ({
  ...env,
  ...(stack.temporal.uiUrl === undefined ? {} : { SPILLWAY_UI_URL: stack.temporal.uiUrl }),
});

/** Writes it as a file for a shell; only its owner may read it, because it holds the seal key. */
export async function writeEnvironment(embedded: Embedded): Promise<string> {
  const path = join(embedded.stack.runDirectory, 'environment.sh');
  await writeFile(path, shellUnset(otherTemporalSettings) + shellExports(environmentOf(embedded)), { mode: 0o600 });
  return path;
}
