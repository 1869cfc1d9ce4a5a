import { allPrograms, readMachine, type Machine, type Program } from './machine';
import { missedOf, type Json, type Outcome } from './outcome';
import { describeMachine, drawTable } from './table';
import { writeDocs } from './write-docs';

/** Measures that one command runs, and the page of docs/reference that shows them. */
export type Suite = {
  /** As a reader types it to measure the same again. */
  readonly command: string;
  readonly page: string;
  /** All of them, in the order they run. */
  readonly measures: readonly string[];
  /** Whether every measure has a place of its own in the page; else they have one, which a run of all of them fills. */
  readonly isWrittenApart: boolean;
  /** Programs that run in it, told with the machine; all of the stack when left out. */
  readonly programs?: readonly Program[];
  /** Told with the figures: what another run needs to find the same. */
  readonly facts?: { readonly [name: string]: Json };
  run(measure: string): Promise<Outcome>;
};

export type Chosen = { readonly only: readonly string[]; readonly writesDocs: boolean };

type Outcomes = { readonly [measure: string]: Outcome };

export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** With its causes: Temporal wraps what a workflow says about itself. */
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : error.message;
};

/** A measure that breaks is a missed bar and leaves the others their turn. */
async function runOne(suite: Suite, name: string): Promise<Outcome> {
  const startedMs = Date.now();
  say(`— ${name}`);
  try {
    return await suite.run(name);
  } catch (error) {
    const why = messageOf(error);
    say(`${name} broke: ${why}\n${error instanceof Error ? (error.stack ?? '') : ''}`);
    const measured = `broke: ${(why.split('\n')[0] ?? '').slice(0, 200)}`;
    return {
      figures: { broke: why },
      rows: [{ what: name, measured, bar: 'measured', isMet: false }],
      isWhole: false,
    };
  } finally {
    say(`— ${name} took ${Math.round((Date.now() - startedMs) / 1_000)} s`);
  }
}

const tableOf = (outcomes: Outcomes): string => drawTable(Object.values(outcomes).flatMap(({ rows }) => rows));

const sourceOf = ({ command }: Suite, machine: Machine, options = ''): string =>
  `Measured on ${new Date().toISOString().slice(0, 10)} by \`${command}${options}\` on ${describeMachine(machine)}.`;

/** One measure that has a place of its own in the page. */
async function writeOne(suite: Suite, name: string, outcome: Outcome, machine: Machine): Promise<void> {
  if (!outcome.isWhole)
    return say(`figures of ${name} are not written into the documentation: it did not run as often as its bar asks`);
  const source = sourceOf(suite, machine, ` --only ${name}`);
  await writeDocs(suite.page, name, `${source}\n\n${tableOf({ [name]: outcome })}`);
}

async function writeAll(suite: Suite, outcomes: Outcomes, machine: Machine): Promise<void> {
  if (suite.measures.every((name) => outcomes[name]?.isWhole === true))
    return writeDocs(suite.page, 'all measures', `${sourceOf(suite, machine)}\n\n${tableOf(outcomes)}`);
  say('figures of a partial run are not written into the documentation');
}

/** Runs measures, prints the table and, as the last line, the figures as JSON. Returns the exit code: 1 when a bar is missed. */
export async function runSuite(suite: Suite, { only, writesDocs }: Chosen): Promise<number> {
  const outcomes: { [measure: string]: Outcome } = {};
  const machine = await readMachine(suite.programs ?? allPrograms);
  for (const name of only) {
    const outcome = await runOne(suite, name);
    outcomes[name] = outcome;
    // Told and written at once: a run that is cut short after hours keeps what it measured.
    if (only.length > 1) say(tableOf({ [name]: outcome }));
    if (writesDocs && suite.isWrittenApart) await writeOne(suite, name, outcome, machine);
  }
  process.stdout.write(`${tableOf(outcomes)}\n\n${describeMachine(machine)} · ${suite.command}\n`);
  if (suite.measures.some((name) => outcomes[name]?.isWhole !== true))
    process.stdout.write('Not all measures ran, or not as often as their bars ask.\n');
  if (writesDocs && !suite.isWrittenApart) await writeAll(suite, outcomes, machine);
  const missed = missedOf(outcomes);
  const figures = Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, outcome.figures]));
  process.stdout.write(`${JSON.stringify({ figures: { machine, ...suite.facts, ...figures }, missed })}\n`);
  return missed.length === 0 ? 0 : 1;
}

/** What `read` makes of the command line; undefined, and said, when it does not know something. */
export function readOrSay<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
