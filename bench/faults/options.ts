import { parseArgs } from 'node:util';
import type { FaultOptions } from './measure';

export type Options = Omit<FaultOptions, 'say'> & { readonly only: readonly string[]; readonly writesDocs: boolean };

const wholeNumber = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} is a whole number from ${least}`);
  return value;
};

/** Reads the command line. @throws Error in plain words for what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      cases: { type: 'string', default: '500' },
      random: { type: 'string', default: '0' },
      runs: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',').map((name) => name.trim()) ?? known;
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only does not know ${unknown}; it knows ${known.join(', ')}`);
  return {
    only: known.filter((name) => only.includes(name)),
    cases: wholeNumber('cases', values.cases, 0),
    random: wholeNumber('random', values.random, 0),
    runs: values.runs === undefined ? undefined : wholeNumber('runs', values.runs, 1),
    seed: wholeNumber('seed', values.seed, 0),
    writesDocs: values['write-docs'],
  };
}
