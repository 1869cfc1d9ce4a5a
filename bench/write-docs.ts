import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const path = join(__dirname, '..', 'docs', 'reference', 'benchmarks.md');
const [begin, end] = ['<!-- figures: written by the benchmark -->', '<!-- end of figures -->'];

/** The document with what stands between its two marks replaced. */
export function withFigures(document: string, figures: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the document lacks the marks ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${figures}\n\n${document.slice(to)}`;
}

/** Puts measured figures into docs/reference/benchmarks.md. */
export async function writeDocs(figures: string): Promise<void> {
  const document = withFigures(await readFile(path, 'utf8'), figures);
  const settings = await resolveConfig(path);
  await writeFile(path, await format(document, { ...settings, parser: 'markdown' }));
}
