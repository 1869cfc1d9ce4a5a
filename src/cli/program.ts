import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { addActCommands } from './act-commands';
import { addDatabaseCommands } from './database-commands';
import { reportFault } from './fault';
import type { Io } from './io';
import { addLookBackCommands } from './look-back-commands';
import { addMigrationCommand } from './migration-command';
import { addReadCommands } from './read-commands';
import type { Run } from './run';
import { addStackCommands } from './stack-commands';

const groups = {
  files: 'Files:',
  releases: 'Releases:',
  decisions: 'Decisions:',
  lookBack: 'Looking back:',
  stack: 'Running Spillway:',
};

const exitText = `
Exit codes: 0 promoted or done · 1 usage or internal · 2 invalid · 3 rolled back · 4 aborted · 5 waiting for approval
  6 time-out, the release goes on · 7 denied · 8 act now: rollback incomplete or terminated · 10 contract incomplete · 130 detached
RELEASE is a service, environment/service or a workflow id. Connection: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
  TEMPORAL_API_KEY, TEMPORAL_TLS_*, TEMPORAL_PROFILE or --profile, as of Temporal's own command line.`;

const readVersion = (): string => {
  const text = readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown';
};

export type Program = { readonly command: Command; readonly groups: typeof groups; readonly run: Run };

/** All commands as a static table: what they do is loaded when one of them is called. */
export async function createProgram(io: Io, wanted: string | undefined, run: Run): Promise<Command> {
  const command = new Command('spillway')
    .description('Releases a little at a time, measured, and undoes everything with proof.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => Math.min(120, io.stdout.columns ?? 100),
      getErrHelpWidth: () => Math.min(120, io.stderr.columns ?? 100),
    })
    .addHelpText('after', exitText)
    .exitOverride();
  addReadCommands({ command, groups, run });
  addMigrationCommand({ command, groups, run });
  addActCommands({ command, groups, run });
  addLookBackCommands({ command, groups, run });
  addDatabaseCommands({ command, groups, run });
  await addStackCommands({ command, groups, run }, wanted);
  return command;
}

/** Runs one command; undefined when the command sets the exit code of the process itself. */
export async function runCli(args: readonly string[], io: Io): Promise<number | undefined> {
  let code: number | undefined;
  const isJson = args.some((arg) => arg === '--json' || arg === '--jsonl');
  const run: Run = async (action) => {
    code = await action(io);
  };
  try {
    const program = await createProgram(io, args[0], run);
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return 1;
    }
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said it already; its own codes are those of help, version and wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    return reportFault(io, error, isJson);
  }
}
