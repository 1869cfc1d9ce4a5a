import { readOrSay, runSuite, say } from '../suite';
import { createCells } from './cells';
import { measures } from './measures';
import { readOptions, wholeStreams } from './options';
import { startPool } from './pool';

/** Measures the decision engine and its peers on the same streams. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const names = measures.map(({ name }) => name);
  const options = readOrSay(() => readOptions(args, names));
  if (options === undefined) return 2;
  const { seed, streams } = options;
  const pool = startPool(options.threads);
  const cells = createCells(pool, { seed, streams, say });
  const suite = {
    command: `npm run bench:decisions -- --seed ${seed}`,
    page: 'decision-benchmarks.md',
    measures: names,
    isWrittenApart: true,
    programs: [],
    facts: { seed, streams },
    async run(name: string) {
      const measure = measures.find((one) => one.name === name);
      if (measure === undefined) throw new Error(`there is no measure ${name}`);
      return { ...(await measure.run(cells)), isWhole: streams >= wholeStreams };
    },
  };
  try {
    return await runSuite(suite, options);
  } finally {
    await pool.close();
  }
}
