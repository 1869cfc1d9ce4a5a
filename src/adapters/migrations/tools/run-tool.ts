import { PortError } from '../../../ports/errors';
import { runCommand, type CommandResult } from '../../run-command';
import { explainSqlState } from '../../postgres/sql-states';

/** The tool may wait for locks and statements; past this it hangs. */
const marginMs = 10_000;

export type ToolRun = {
  /** E.g. `dbmate up of 0001-orders/expand on shop-db (127.0.0.1:5432/shop)`. */
  readonly what: string;
  readonly argv: readonly string[];
  readonly directory?: string | undefined;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly statementTimeoutMs: number;
  /** For a command that is more than one statement. */
  readonly timeoutMs?: number;
  /** Kills it when it aborts. */
  readonly signal?: AbortSignal | undefined;
};

/** What tools print, by the SQLSTATE behind it: nothing else of their output is kept, because it can quote rows. */
const telling: readonly (readonly [RegExp, string])[] = [
  [/database .* does not exist|3D000/i, '3D000'],
  [/lock timeout/i, '55P03'],
  [/deadlock detected/i, '40P01'],
  [/statement timeout/i, '57014'],
  [/connection refused|ECONNREFUSED|server closed the connection|no such host|ENOTFOUND/i, '08006'],
  [/too many (clients|connections)|remaining connection slots/i, '53300'],
  [/no space left/i, '53100'],
  [/password authentication|pg_hba/i, '28000'],
  [/permission denied|must be owner/i, '42501'],
  [/syntax error/i, '42601'],
  [/relation .* already exists|already exists/i, '42P07'],
  [/column .* does not exist/i, '42703'],
  [/does not exist/i, '42P01'],
  [/invalid input syntax|out of range|value too long/i, '22000'],
  [/violates/i, '23000'],
];

/** How a command ended; a failure with the SQLSTATE that its words stand for, where they are known. */
export type ToolEnd =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly sqlState?: string | undefined; readonly error: PortError };

/**
 * Runs one command of a tool and gives its standard output.
 * @throws PortError that says why as far as it can be said without the tool's own words.
 */
export async function runTool(run: ToolRun): Promise<string> {
  const end = await endOfTool(run);
  if (end.ok) return end.output;
  throw end.error;
}

/** The same for whoever asks how it failed. */
export async function endOfTool(run: ToolRun): Promise<ToolEnd> {
  const { what, argv, directory, environment, signal, timeoutMs = run.statementTimeoutMs + marginMs } = run;
  const result = await runCommand({ argv, directory, environment, timeoutMs, signal });
  if (result.kind === 'ended' && result.exitCode === 0) return { ok: true, output: result.stdout.text };
  const sqlState = sqlStateOf(result);
  return { ok: false, sqlState, error: explainFailure(result, what, { program: argv[0] ?? '', sqlState }) };
}

function sqlStateOf(result: CommandResult): string | undefined {
  if (result.kind !== 'ended') return undefined;
  const said = `${result.stderr.text}\n${result.stdout.text}`;
  return telling.find(([pattern]) => pattern.test(said))?.[1];
}

function explainFailure(
  result: CommandResult,
  what: string,
  { program, sqlState }: { readonly program: string; readonly sqlState: string | undefined },
): PortError {
  switch (result.kind) {
    case 'not-started':
      return new PortError(
        'Rejected',
        `${what}: \`${program}\` cannot be started (${result.code}); install it where the worker runs, or correct \`tool.command\``,
      );
    case 'timed-out':
      return new PortError(
        'TargetUnavailable',
        `${what}: \`${program}\` did not end in time and was killed; try again`,
      );
    case 'killed':
      return new PortError('TargetUnavailable', `${what}: \`${program}\` was killed by ${result.signal}; try again`);
    case 'ended': {
      const ended = `${what}: \`${program}\` ended with ${result.exitCode}`;
      const hidden = 'its output stays out of this, it can quote rows';
      if (sqlState === undefined)
        return new PortError('Rejected', `${ended}; ${hidden}: run it by hand, or look at the log of the server`);
      const { code, meaning, next } = explainSqlState(sqlState);
      return new PortError(code, `${ended}: ${meaning} (as SQLSTATE ${sqlState}; ${hidden}); ${next}`);
    }
  }
}
