import type { Outcome } from '../outcome';
import { readOrSay, runSuite, say } from '../suite';
import { isWhole, judge } from './bars';
import { measures } from './measures';
import { readOptions } from './options';

/** Measures changes of schema and data. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const names = measures.map(({ name }) => name);
  const options = readOrSay(() => readOptions(args, names));
  if (options === undefined) return 2;
  const { seed, rows } = options;
  const suite = {
    command: `npm run bench:data -- --seed ${seed}`,
    page: 'data-benchmarks.md',
    measures: names,
    isWrittenApart: true,
    programs: [],
    facts: { seed, rows },
    async run(name: string): Promise<Outcome> {
      const measure = measures.find((one) => one.name === name);
      if (measure === undefined) throw new Error(`there is no measure ${name}`);
      const found = await measure.run({ ...options, say });
      const beside = found.rows.map(([what, measured]) => ({ what, measured, bar: '–', isMet: true }));
      return {
        figures: found.figures,
        rows: [...judge(name, found.figures), ...beside],
        isWhole: isWhole(name, options),
      };
    },
  };
  return runSuite(suite, options);
}
