import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { errorCode } from '../adapters/error-code';
import { UsageError } from './fault';

/** One line of a file, without its end; lines count from 1. */
export type FileLine = { readonly text: string; readonly line: number };

/** No sound line is that long, and a file without line ends must not fill the memory. */
const longestLine = 4_000_000;

const open = (file: string): Readable =>
  file === '-'
    ? process.stdin.setEncoding('utf8')
    : createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 });

const unreadable: { readonly [code: string]: string } = {
  EACCES: 'this user may not read it: give read permission.',
  EISDIR: 'this is a folder: name a file in it.',
  ENOENT: 'there is no such file: correct its path.',
};

async function* chunksOf(file: string): AsyncGenerator<string, void, void> {
  try {
    for await (const chunk of open(file)) yield String(chunk);
  } catch (error) {
    const words = unreadable[errorCode(error) ?? ''];
    throw words === undefined ? error : new UsageError(`${file}: ${words}`);
  }
}

/** The lines of a file of any size, one after the other; `-` is standard input. Empty lines are left out. */
export async function* readLines(file: string): AsyncGenerator<FileLine, void, void> {
  let rest = '';
  let line = 0;
  for await (const chunk of chunksOf(file)) {
    const pieces = (rest + (line === 0 ? chunk.replace(/^\ufeff/, '') : chunk)).split('\n');
    rest = pieces.pop() ?? '';
    for (const text of pieces) {
      line += 1;
      if (text.trim() !== '') yield { text, line };
    }
    if (rest.length > longestLine)
      throw new UsageError(
        `${file}:${line + 1}: the line is longer than ${longestLine / 1_000_000} MB: a recorded stream has one tick a line.`,
      );
  }
  if (rest.trim() !== '') yield { text: rest, line: line + 1 };
}
