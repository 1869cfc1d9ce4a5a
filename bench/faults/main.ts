import type { Outcome } from '../outcome';
import { readOrSay, runSuite, say } from '../suite';
import { isWhole, judge } from './bars';
import { measures } from './measures';
import { readOptions } from './options';

/** Measures under faults. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const names = measures.map(({ name }) => name);
  const options = readOrSay(() => readOptions(args, names));
  if (options === undefined) return 2;
  const { seed } = options;
  const suite = {
    command: `npm run bench:faults -- --seed ${seed}`,
    page: 'fault-benchmarks.md',
    measures: names,
    isWrittenApart: true,
    facts: { seed },
    async run(name: string): Promise<Outcome> {
      const measure = measures.find((one) => one.name === name);
      if (measure === undefined) throw new Error(`there is no measure ${name}`);
      const { figures, rows } = await measure.run({ ...options, say });
      const shown = rows.map(([what = '', measured = '']) => ({ what, measured, bar: '–', isMet: true }));
      return { figures, rows: [...judge(name, figures), ...shown], isWhole: isWhole(name, figures) };
    },
  };
  return runSuite(suite, options);
}
