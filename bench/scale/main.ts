import { readOrSay, runSuite, say } from '../suite';
import { measures } from './measures';
import { readOptions } from './options';

/** Measures many releases. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const names = measures.map(({ name }) => name);
  const options = readOrSay(() => readOptions(args, names));
  if (options === undefined) return 2;
  const suite = {
    command: 'npm run bench:scale --',
    page: 'scale-benchmarks.md',
    measures: names,
    isWrittenApart: true,
    async run(name: string) {
      const measure = measures.find((one) => one.name === name);
      if (measure === undefined) throw new Error(`there is no measure ${name}`);
      return measure.run({ ...options, say });
    },
  };
  return runSuite(suite, options);
}
