import { cp, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Embedded } from '../stack/embedded';

/** Copies the logs out of the run directory, which goes with the stack; says where they are. */
export async function keepLogs({ stack }: Embedded): Promise<string> {
  const kept = await mkdtemp(join(tmpdir(), 'spillway-demo-logs-'));
  const logs = (await readdir(stack.runDirectory)).filter((name) => name.endsWith('.log'));
  for (const name of logs) await cp(join(stack.runDirectory, name), join(kept, name));
  return `The logs of everything were kept in ${kept}`;
}
