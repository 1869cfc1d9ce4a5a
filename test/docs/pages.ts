import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '..', '..');

/** A fenced block of a page; `line` is where its first line of text stands. */
export type Block = { readonly language: string; readonly text: string; readonly line: number };

/** README.md and every page of docs, as paths from the root. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
    .sort(),
];

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { language: string; lines: string[]; line: number } | undefined;
  for (const [index, line] of readPage(page).split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line.trimStart());
    if (fence === null) open?.lines.push(line);
    else if (open === undefined) open = { language: fence[1] ?? '', lines: [], line: index + 2 };
    else {
      blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
      open = undefined;
    }
  }
  return blocks;
}

export const blocksIn = (page: string, language: string): readonly Block[] =>
  blocksOf(page).filter((block) => block.language === language);
