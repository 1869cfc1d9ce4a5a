import { startBench, type Bench } from './bench';
import { readMachine, type Machine } from './machine';
import { measures } from './measures';
import { readOptions, type Options } from './options';
import { missedOf, type Outcome } from './outcome';
import { clearAway } from './release-run';
import { describeMachine, drawTable } from './table';
import { writeDocs } from './write-docs';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Never resolves: the signal's handler ends the process. */
const exit = new Promise<never>(() => undefined);

type Outcomes = { readonly [measure: string]: Outcome };

/** A measure that breaks is a missed bar and leaves the others their turn. */
async function runOne(bench: Bench, name: string, isStopping: () => boolean): Promise<Outcome> {
  try {
    const measure = measures[name];
    if (measure === undefined) throw new Error(`there is no measure ${name}`);
    return await measure(bench);
  } catch (error) {
    if (isStopping()) await exit;
    const why = error instanceof Error ? error.message : String(error);
    say(`${name} broke: ${error instanceof Error ? (error.stack ?? why) : why}`);
    await clearAway(bench).catch((left: unknown) => say(`what ${name} left behind is still there: ${String(left)}`));
    return {
      figures: { broke: why },
      rows: [
        { what: name, measured: `broke: ${(why.split('\n')[0] ?? '').slice(0, 200)}`, bar: 'measured', isMet: false },
      ],
      isWhole: false,
    };
  }
}

async function runAll(bench: Bench, options: Options, isStopping: () => boolean): Promise<Outcomes> {
  const outcomes: { [measure: string]: Outcome } = {};
  for (const name of options.only) {
    if (isStopping()) await exit;
    const startedMs = Date.now();
    say(`— ${name}`);
    outcomes[name] = await runOne(bench, name, isStopping);
    say(`— ${name} took ${Math.round((Date.now() - startedMs) / 1_000)} s`);
  }
  return outcomes;
}

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

async function show(machine: Machine, outcomes: Outcomes, options: Options): Promise<void> {
  const rows = Object.values(outcomes).flatMap((outcome) => outcome.rows);
  const isWhole = Object.keys(measures).every((name) => outcomes[name]?.isWhole === true);
  const table = drawTable(rows);
  process.stdout.write(`${table}\n\n${describeMachine(machine)}\n`);
  if (!isWhole) process.stdout.write('Not all measures ran, or not as often as their bars ask.\n');
  if (!options.writesDocs) return;
  if (!isWhole) return say('figures of a partial run are not written into the documentation');
  const day = new Date().toISOString().slice(0, 10);
  await writeDocs(
    'benchmarks.md',
    `Measured on ${day} by \`npm run bench:release\` on ${describeMachine(machine)}.\n\n${table}`,
  );
}

/** Measures, prints the table and, as the last line, the figures as JSON. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args, Object.keys(measures));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 2;
  }
  const starting = startBench(options, say);
  const { isStopping } = stopOnSignal(starting);
  let bench: Bench;
  try {
    bench = await starting;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  }
  let outcomes: Outcomes;
  try {
    outcomes = await runAll(bench, options, isStopping);
  } finally {
    await bench.stop();
  }
  const machine = await readMachine();
  await show(machine, outcomes, options);
  const missed = missedOf(outcomes);
  const figures = Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, outcome.figures]));
  process.stdout.write(`${JSON.stringify({ figures: { machine, ...figures }, missed })}\n`);
  return missed.length === 0 ? 0 : 1;
}
