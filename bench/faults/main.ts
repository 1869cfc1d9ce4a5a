import { readMachine } from '../machine';
import { missedOf, type Outcome } from '../outcome';
import { describeMachine, drawTable } from '../table';
import { writeDocs } from '../write-docs';
import { bars, judge } from './bars';
import type { FaultOptions, Found, Measure } from './measure';
import { measures } from './measures';
import { readOptions, type Options } from './options';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A measure that breaks misses its bars and leaves the others their turn. */
async function runOne(measure: Measure, options: FaultOptions): Promise<Found> {
  try {
    return await measure.run(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`${measure.name} broke: ${error instanceof Error ? (error.stack ?? why) : why}`);
    return { figures: {}, rows: [[`${measure.name} broke`, (why.split('\n')[0] ?? '').slice(0, 200)]] };
  }
}

async function runAll(options: Options): Promise<{ readonly [measure: string]: Outcome }> {
  const outcomes: { [measure: string]: Outcome } = {};
  for (const measure of measures.filter(({ name }) => options.only.includes(name))) {
    const startedMs = Date.now();
    say(`— ${measure.name} (seed ${options.seed})`);
    const { figures, rows } = await runOne(measure, { ...options, say });
    const shown = rows.map(([what = '', measured = '']) => ({ what, measured, bar: '–', isMet: true }));
    outcomes[measure.name] = { figures, rows: [...judge(measure.name, figures), ...shown], isWhole: true };
    say(`— ${measure.name} took ${Math.round((Date.now() - startedMs) / 1_000)} s`);
  }
  return outcomes;
}

/** Measures under faults, prints the table and, as the last line, the figures as JSON. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(
      args,
      measures.map(({ name }) => name),
    );
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 2;
  }
  const outcomes = await runAll(options);
  const machine = await readMachine();
  const table = drawTable(Object.values(outcomes).flatMap(({ rows }) => rows));
  process.stdout.write(`${table}\n\n${describeMachine(machine)} · seed ${options.seed}\n`);
  const isWhole = Object.keys(bars).every((name) => outcomes[name] !== undefined);
  if (!isWhole) process.stdout.write('Not all measures ran.\n');
  if (options.writesDocs && !isWhole) say('figures of a partial run are not written into the documentation');
  if (options.writesDocs && isWhole) {
    const day = new Date().toISOString().slice(0, 10);
    const source = `Measured on ${day} by \`npm run bench:faults -- --seed ${options.seed}\` on ${describeMachine(machine)}.`;
    await writeDocs('fault-benchmarks.md', `${source}\n\n${table}`);
  }
  const missed = missedOf(outcomes);
  const figures = Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, outcome.figures]));
  process.stdout.write(`${JSON.stringify({ figures: { machine, seed: options.seed, ...figures }, missed })}\n`);
  return missed.length === 0 ? 0 : 1;
}
