import { parseArgs } from 'node:util';
import type { Counts } from './bench';

export type Options = Counts & { readonly only: readonly string[]; readonly writesDocs: boolean };

const countOf = (name: string, text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 200)
    throw new Error(`--${name} is a whole number from 1 to 200`);
  return count;
};

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
  const only = values.only?.split(',').map((name) => name.trim()) ?? known;
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only does not know ${unknown}; it knows ${known.join(', ')}`);
  return {
    // The given order is not kept: the measures have their own.
    only: known.filter((name) => only.includes(name)),
    runs: countOf('runs', values.runs),
    clean: countOf('clean', values.clean),
    writesDocs: values['write-docs'],
  };
}
