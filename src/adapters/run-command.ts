import { spawn, type ChildProcess } from 'node:child_process';
import { errorCode } from './error-code';
import { startPatientTimer } from './patient-timer';

const outputCapBytes = 64 * 1024;
const closeGraceMs = 200;

export type CommandResult =
  | { readonly kind: 'ended'; readonly exitCode: number; readonly stdout: CappedText; readonly stderr: CappedText }
  | { readonly kind: 'killed'; readonly signal: string; readonly stderr: CappedText }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'not-started'; readonly code: string };

/** At most 64 kB of output unless the command says otherwise: the beginning of stdout, the end of stderr. */
export type CappedText = { readonly text: string; readonly bytes: Buffer; readonly isCut: boolean };

export type Command = {
  readonly argv: readonly string[];
  readonly directory?: string | undefined;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly timeoutMs: number;
  /** What the command reads; nothing when left out. */
  readonly input?: Uint8Array | undefined;
  /** Most bytes kept of stdout. */
  readonly mostOutputBytes?: number | undefined;
  /** Kills the whole group when it aborts. */
  readonly signal?: AbortSignal | undefined;
};

/** Runs one command without a shell, in a process group of its own; past `timeoutMs` the whole group is killed. */
export function runCommand(command: Command): Promise<CommandResult> {
  const { argv, directory, environment, timeoutMs, input, mostOutputBytes = outputCapBytes, signal: stop } = command;
  const [program = '', ...rest] = argv;
  const stdin = input === undefined ? 'ignore' : 'pipe';
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      const env = { ...environment };
      child = spawn(program, rest, { cwd: directory, env, stdio: [stdin, 'pipe', 'pipe'], detached: true });
    } catch (error) {
      resolve({ kind: 'not-started', code: errorCode(error) ?? 'unknown error' });
      return;
    }
    const stdout = collect(child.stdout, 'beginning', mostOutputBytes);
    const stderr = collect(child.stderr, 'end', outputCapBytes);
    // A command that ends before it has read everything says why by its exit code.
    child.stdin?.on('error', () => undefined).end(input);
    let stopGrace: (() => void) | undefined;
    const onStop = (): void => killGroup(child);
    stop?.addEventListener('abort', onStop, { once: true });
    if (stop?.aborted === true) onStop();
    const settle = (result: CommandResult) => {
      stop?.removeEventListener('abort', onStop);
      stopDeadline();
      stopGrace?.();
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(result);
    };
    const stopDeadline = startPatientTimer(timeoutMs, () => {
      killGroup(child);
      settle({ kind: 'timed-out' });
    });
    const ended = (exitCode: number | null, signal: string | null) =>
      exitCode === null
        ? settle({ kind: 'killed', signal: signal ?? 'unknown signal', stderr: stderr() })
        : settle({ kind: 'ended', exitCode, stdout: stdout(), stderr: stderr() });
    child.on('error', (error) => settle({ kind: 'not-started', code: errorCode(error) ?? 'unknown error' }));
    child.on('close', ended);
    // A background process may hold the pipes open for good: the command itself has returned, and that is what counts.
    child.on('exit', (exitCode, signal) => {
      stopDeadline();
      stopGrace = startPatientTimer(closeGraceMs, () => ended(exitCode, signal));
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error; // ESRCH: the whole group has ended by itself.
  }
}

/** Keeps reading past the cap, or a chatty command would block on a full pipe and look like one that hangs. */
function collect(stream: NodeJS.ReadableStream | null, keep: 'beginning' | 'end', capBytes: number): () => CappedText {
  let kept = Buffer.alloc(0);
  let isCut = false;
  stream?.on('data', (chunk: Buffer) => {
    if (keep === 'beginning' && isCut) return;
    const all = Buffer.concat([kept, chunk]);
    isCut ||= all.length > capBytes;
    kept = keep === 'beginning' ? all.subarray(0, capBytes) : all.subarray(-capBytes);
  });
  return () => ({ text: kept.toString('utf8'), bytes: kept, isCut });
}
