import { parseArgs } from 'node:util';
import type { ScaleOptions } from './measure';

export type Options = Omit<ScaleOptions, 'say'> & { readonly only: readonly string[]; readonly writesDocs: boolean };

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is a whole number from 1`);
  return value;
};

/** Reads the command line. @throws Error in plain words for what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      exposed: { type: 'string', default: '200,300,400' },
      waiting: { type: 'string', default: '2000' },
      releases: { type: 'string', default: '72' },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',').map((name) => name.trim()) ?? known;
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only does not know ${unknown}; it knows ${known.join(', ')}`);
  const exposed = values.exposed.split(',').map((text) => wholeNumber('exposed', text));
  return {
    only: known.filter((name) => only.includes(name)),
    exposed: [...exposed].sort((a, b) => a - b),
    waiting: wholeNumber('waiting', values.waiting),
    releases: wholeNumber('releases', values.releases),
    writesDocs: values['write-docs'],
  };
}
