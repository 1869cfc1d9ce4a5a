import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { readCount, readOnly } from '../option-values';

export type Options = {
  readonly only: readonly string[];
  /** Everything random is drawn from it. */
  readonly seed: number;
  /** Streams of a row in which nothing is wrong; the others have a tenth of it, at least 100. */
  readonly streams: number;
  readonly threads: number;
  readonly writesDocs: boolean;
};

/** What the bar on false rollbacks asks for. */
export const wholeStreams = 10_000;

/** Reads the command line. @throws Error in plain words for what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      streams: { type: 'string', default: String(wholeStreams) },
      threads: { type: 'string', default: String(availableParallelism()) },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  return {
    only: readOnly(values.only, known),
    seed: readCount('seed', values.seed, { least: 0 }),
    streams: readCount('streams', values.streams, { least: 100 }),
    threads: readCount('threads', values.threads, { least: 1, most: 256 }),
    writesDocs: values['write-docs'],
  };
}
