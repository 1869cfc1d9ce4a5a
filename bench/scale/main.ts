import { readMachine } from '../machine';
import { missedOf, type Outcome } from '../outcome';
import { describeMachine, drawTable } from '../table';
import { writeDocs } from '../write-docs';
import type { Measure, ScaleOptions } from './measure';
import { measures } from './measures';
import { readOptions, type Options } from './options';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** With its causes: Temporal wraps what a workflow says about itself. */
const messageOf = (error: Error): string =>
  error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : error.message;

/** A measure that breaks misses its bars and leaves the others their turn. */
async function runOne(measure: Measure, options: ScaleOptions): Promise<Outcome> {
  const startedMs = Date.now();
  say(`— ${measure.name}`);
  try {
    return await measure.run(options);
  } catch (error) {
    const why = error instanceof Error ? messageOf(error) : String(error);
    say(`${measure.name} broke: ${why}\n${error instanceof Error ? (error.stack ?? why) : why}`);
    const measured = `broke: ${(why.split('\n')[0] ?? '').slice(0, 200)}`;
    return {
      figures: { broke: why },
      rows: [{ what: measure.name, measured, bar: 'measured', isMet: false }],
      isWhole: false,
    };
  } finally {
    say(`— ${measure.name} took ${Math.round((Date.now() - startedMs) / 1_000)} s`);
  }
}

/** Measures many releases, prints the table and, as the last line, the figures as JSON. Returns the exit code. */
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
  const outcomes: { [measure: string]: Outcome } = {};
  for (const measure of measures)
    if (options.only.includes(measure.name)) outcomes[measure.name] = await runOne(measure, { ...options, say });
  const machine = await readMachine();
  const table = drawTable(Object.values(outcomes).flatMap(({ rows }) => rows));
  process.stdout.write(`${table}\n\n${describeMachine(machine)}\n`);
  const isWhole = measures.every(({ name }) => outcomes[name]?.isWhole === true);
  if (!isWhole) process.stdout.write('Not all measures ran, or not with as many releases as their bars ask.\n');
  if (options.writesDocs && !isWhole) say('figures of a partial run are not written into the documentation');
  if (options.writesDocs && isWhole) {
    const day = new Date().toISOString().slice(0, 10);
    const source = `Measured on ${day} by \`npm run bench:scale\` on ${describeMachine(machine)}.`;
    await writeDocs('scale-benchmarks.md', `${source}\n\n${table}`);
  }
  const missed = missedOf(outcomes);
  const figures = Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, outcome.figures]));
  process.stdout.write(`${JSON.stringify({ figures: { machine, ...figures }, missed })}\n`);
  return missed.length === 0 ? 0 : 1;
}
