import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { withFigures } from './with-figures';

const path = join(__dirname, '..', 'docs', 'reference', 'benchmarks.md');

/** Puts measured figures into docs/reference/benchmarks.md. */
export async function writeDocs(figures: string): Promise<void> {
  const document = withFigures(await readFile(path, 'utf8'), figures);
  const settings = await resolveConfig(path);
  await writeFile(path, await format(document, { ...settings, parser: 'markdown' }));
}
