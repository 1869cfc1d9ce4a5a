import { parseArgs } from 'node:util';
import { readCount, readOnly } from '../option-values';
import type { FaultOptions } from './measure';

export type Options = Omit<FaultOptions, 'say'> & { readonly only: readonly string[]; readonly writesDocs: boolean };

/** Reads the command line. @throws Error in plain words for what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      cases: { type: 'string', default: '500' },
      from: { type: 'string', default: '0' },
      random: { type: 'string', default: '0' },
      runs: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  return {
    only: readOnly(values.only, known),
    cases: readCount('cases', values.cases, { least: 0 }),
    from: readCount('from', values.from, { least: 0 }),
    random: readCount('random', values.random, { least: 0 }),
    runs: values.runs === undefined ? undefined : readCount('runs', values.runs, { least: 1 }),
    seed: readCount('seed', values.seed, { least: 0 }),
    writesDocs: values['write-docs'],
  };
}
