import { parseArgs } from 'node:util';
import type { Counts } from './bench';
import { readCount, readOnly } from './option-values';

export type Options = Counts & { readonly only: readonly string[]; readonly writesDocs: boolean };

const range = { least: 1, most: 200 };

/** Reads the command line. @throws Error in plain words for what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '25' },
      clean: { type: 'string', default: '50' },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  return {
    only: readOnly(values.only, known),
    runs: readCount('runs', values.runs, range),
    clean: readCount('clean', values.clean, range),
    writesDocs: values['write-docs'],
  };
}
