import { startBench, type Bench } from './bench';
import { measures } from './measures';
import { readOptions } from './options';
import type { Outcome } from './outcome';
import { clearAway } from './release-run';
import { readOrSay, runSuite, say } from './suite';

/** Never resolves: the signal's handler ends the process. */
const exit = new Promise<never>(() => undefined);

/** Ctrl-C takes the stack down, then ends the process; the second one ends it at once and leaves the rest to the watchdog. */
function stopOnSignal(starting: Promise<Bench>): { readonly isStopping: () => boolean } {
  let isStopping = false;
  const stop = (code: number) => (): void => {
    isStopping = true;
    say('stopping');
    void starting
      .then((bench) => bench.abandon())
      .catch((error: unknown) => say(String(error)))
      .finally(() => process.exit(code));
  };
  process.once('SIGINT', stop(130));
  process.once('SIGTERM', stop(143));
  return { isStopping: () => isStopping };
}

async function run(bench: Bench, name: string, isStopping: () => boolean): Promise<Outcome> {
  if (isStopping()) await exit;
  const measure = measures[name];
  if (measure === undefined) throw new Error(`there is no measure ${name}`);
  try {
    return await measure(bench);
  } catch (error) {
    if (isStopping()) await exit;
    await clearAway(bench).catch((left: unknown) => say(`what ${name} left behind is still there: ${String(left)}`));
    throw error;
  }
}

/** Measures whole releases on one stack. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const names = Object.keys(measures);
  const options = readOrSay(() => readOptions(args, names));
  if (options === undefined) return 2;
  const starting = startBench(options, say);
  const { isStopping } = stopOnSignal(starting);
  let bench: Bench;
  try {
    bench = await starting;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const suite = {
    command: 'npm run bench:release',
    page: 'benchmarks.md',
    measures: names,
    isWrittenApart: false,
    run: (name: string) => run(bench, name, isStopping),
  };
  try {
    return await runSuite(suite, options);
  } finally {
    await bench.stop();
  }
}
