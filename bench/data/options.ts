import { parseArgs } from 'node:util';
import { readCount, readOnly } from '../option-values';
import type { DataOptions } from './measure';

export type Options = Omit<DataOptions, 'say'> & { readonly only: readonly string[]; readonly writesDocs: boolean };

const range = { least: 1 };

/** Reads the command line. @throws Error in plain words for what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      rows: { type: 'string', default: '1000000' },
      kills: { type: 'string', default: '10' },
      runs: { type: 'string', default: '100' },
      case: { type: 'string', multiple: true },
      writes: { type: 'string', default: '400' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  return {
    only: readOnly(values.only, known),
    rows: readCount('rows', values.rows, { least: 1_000 }),
    kills: readCount('kills', values.kills, range),
    runs: readCount('runs', values.runs, range),
    cases: (values.case ?? []).map((text) => readCount('case', text, { least: 0 })),
    writesPerSecond: readCount('writes', values.writes, range),
    seed: readCount('seed', values.seed, { least: 0 }),
    writesDocs: values['write-docs'],
  };
}
