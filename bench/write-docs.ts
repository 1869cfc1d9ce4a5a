import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { withFigures } from './with-figures';

const folder = join(__dirname, '..', 'docs', 'reference');

/** Puts measured figures into their place in a page of docs/reference. */
export async function writeDocs(page: string, place: string, figures: string): Promise<void> {
  const path = join(folder, page);
  const document = withFigures(await readFile(path, 'utf8'), place, figures);
  const settings = await resolveConfig(path);
  await writeFile(path, await format(document, { ...settings, parser: 'markdown' }));
}
