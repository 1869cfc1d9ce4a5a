import { startBench, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { clearAway } from '../release-run';
import { readOrSay, runSuite, say } from '../suite';
import { measureDrift } from './measures/drift';
import { measureRestart } from './measures/restart';
import { measureRollback } from './measures/rollback';
import { measureSeen } from './measures/seen';
import { measureUsers } from './measures/users';
import { readOptions, type ConfigOptions } from './options';

const measures: { readonly [name: string]: (bench: Bench, options: ConfigOptions) => Promise<Outcome> } = {
  rollback: measureRollback,
  drift: measureDrift,
  seen: measureSeen,
  restart: measureRestart,
  users: measureUsers,
};

/** Measures configuration, flags and drift on one stack. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const names = Object.keys(measures);
  const options = readOrSay(() => readOptions(args, names));
  if (options === undefined) return 2;
  const { seed, cases } = options;
  const bench = await startBench({ runs: options.runs, clean: 0 }, say, { keepsState: true });
  const suite = {
    command: `npm run bench:config -- --seed ${seed}`,
    page: 'config-benchmarks.md',
    measures: names,
    isWrittenApart: true,
    facts: { seed, cases },
    async run(name: string): Promise<Outcome> {
      const measure = measures[name];
      if (measure === undefined) throw new Error(`there is no measure ${name}`);
      try {
        return await measure(bench, options);
      } catch (error) {
        await clearAway(bench).catch((left: unknown) =>
          say(`what ${name} left behind is still there: ${String(left)}`),
        );
        throw error;
      }
    },
  };
  try {
    return await runSuite(suite, options);
  } finally {
    await bench.stop();
  }
}
