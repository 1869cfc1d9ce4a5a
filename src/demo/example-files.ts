import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shopDirectory } from '../stack/shop';

const names = ['release-2.0.0.yaml', 'release-3.0.0.yaml', 'db'] as const;

/** Copies the shop's descriptors and their SQL to a directory where they can be changed; what is there already stays. */
export async function writeExamples(directory: string): Promise<{ readonly good: string; readonly bad: string }> {
  await mkdir(directory, { recursive: true });
  for (const name of names)
    await cp(join(shopDirectory, name), join(directory, name), { recursive: true, force: false });
  return { good: join(directory, names[0]), bad: join(directory, names[1]) };
}
