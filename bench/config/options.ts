import { parseArgs } from 'node:util';
import { readCount, readOnly } from '../option-values';

export type ConfigOptions = {
  /** How often a rollback is measured. */
  readonly runs: number;
  /** How many changes are made behind the release's back; the bar asks for 50. */
  readonly cases: number;
  /** How many requests users send through one release; the bar asks for 1,000,000. */
  readonly requests: number;
  /** Everything random is drawn from it. */
  readonly seed: number;
};

export type Options = ConfigOptions & { readonly only: readonly string[]; readonly writesDocs: boolean };

/** Reads the command line. @throws Error in plain words for what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      cases: { type: 'string', default: '50' },
      requests: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  return {
    only: readOnly(values.only, known),
    runs: readCount('runs', values.runs, { least: 1, most: 100 }),
    cases: readCount('cases', values.cases, { least: 1, most: 1_000 }),
    requests: readCount('requests', values.requests, { least: 1_000, most: 10_000_000 }),
    seed: readCount('seed', values.seed, { least: 0 }),
    writesDocs: values['write-docs'],
  };
}
