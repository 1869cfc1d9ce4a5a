import { parseArgs } from 'node:util';
import { readCount, readOnly } from '../option-values';
import type { ScaleOptions } from './measure';

export type Options = Omit<ScaleOptions, 'say'> & { readonly only: readonly string[]; readonly writesDocs: boolean };

const range = { least: 1 };
/** Ten break at once, and some have to be left. */
const sharedRange = { least: 20 };

/** Reads the command line. @throws Error in plain words for what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      // The larger ones are not measured where the knee comes before them.
      exposed: { type: 'string', default: '200,300,400' },
      shared: { type: 'string', default: '200' },
      waiting: { type: 'string', default: '2000' },
      releases: { type: 'string', default: '72' },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  const exposed = values.exposed.split(',').map((text) => readCount('exposed', text, range));
  return {
    only: readOnly(values.only, known),
    exposed: [...exposed].sort((a, b) => a - b),
    shared: readCount('shared', values.shared, sharedRange),
    waiting: readCount('waiting', values.waiting, range),
    releases: readCount('releases', values.releases, range),
    writesDocs: values['write-docs'],
  };
}
