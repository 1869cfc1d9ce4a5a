import { open } from 'node:fs/promises';
import { errorCode } from '../adapters/error-code';
import { UsageError } from './fault';
import { print, type Io } from './io';

/** Where lines go one after the other; `close` when all are written. */
export type LineSink = { write(line: string): Promise<void>; close(): Promise<void> };

const bufferedCharacters = 1 << 16;

/** Lines into a new file, written in larger pieces. */
export async function openLineFile(file: string): Promise<LineSink> {
  const handle = await open(file, 'w').catch((error: unknown) => {
    throw new UsageError(
      `${file} cannot be written (${errorCode(error) ?? 'unknown'}): name a file in a folder that is there.`,
    );
  });
  let held = '';
  const flush = async (): Promise<void> => {
    const text = held;
    held = '';
    if (text !== '') await handle.write(text);
  };
  return {
    async write(line) {
      held += `${line}\n`;
      if (held.length >= bufferedCharacters) await flush();
    },
    async close() {
      await flush();
      await handle.close();
    },
  };
}

/** Lines to standard output. */
export const printedLines = (io: Io): LineSink => ({
  write(line) {
    print(io, line);
    return Promise.resolve();
  },
  close: () => Promise.resolve(),
});
