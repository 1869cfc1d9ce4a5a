import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StackError } from './stack-error';
import type { Watchdog } from './watchdog';

export interface ProcessSpec {
  /** What people call it, and the first word of its log file's name. */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logPath: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Run as this system user instead of our own. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  readonly readyTimeoutMs: number;
  /** How often it may end before it is ready and be launched again. Default 1. */
  readonly launches?: number;
  readonly isReady: () => Promise<boolean>;
}

/** A server we own: it can be stopped, killed and started again on the same ports. */
export interface Component {
  start(): Promise<void>;
  /** Orderly, then by force after five seconds; nothing of its process group is left. */
  stop(): Promise<void>;
  /** SIGKILL to the whole process group, as a crash would do. */
  kill(): Promise<void>;
  pid(): number | undefined;
}

interface Running {
  readonly pid: number;
  readonly exited: Promise<string>;
  readonly exit: () => string | undefined;
}

const stopTimeoutMs = 5_000;
const pollMs = 25;
const relaunchMs = 150;

function launch(spec: ProcessSpec, watchdog: Watchdog): Running {
  const log = openSync(spec.logPath, 'a');
  try {
    const child = spawn(spec.command, spec.args, {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...spec.env },
      cwd: spec.cwd ?? '/',
      // A group of its own: Ctrl-C at the terminal is ours to handle, and a stop reaches its children too.
      detached: true,
      ...spec.owner,
    });
    let exit: string | undefined;
    const exited = new Promise<string>((resolve) => {
      const settle = (how: string) => {
        exit = how;
        resolve(how);
      };
      child.once('error', (error) => settle(error.message));
      child.once('exit', (code, signal) => settle(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    const pid = child.pid ?? -1;
    if (pid > 0) watchdog.guard(pid);
    return { pid, exited, exit: () => exit };
  } finally {
    closeSync(log);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  signalIfAlive(-pid, signal);
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const isGone = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}

function describeFailure(spec: ProcessSpec, why: string): StackError {
  const tail = readFileSync(spec.logPath, 'utf8').trimEnd().split('\n').slice(-15).join('\n  ');
  return new StackError(
    `${spec.title} did not start: ${why}.\nCommand: ${spec.command} ${spec.args.join(' ')}\n` +
      `The end of its log (${spec.logPath}):\n  ${tail}`,
  );
}

/** Resolves to why it did not become ready, or to undefined when it did. */
async function waitUntilReady(spec: ProcessSpec, running: Running): Promise<string | undefined> {
  const deadline = Date.now() + spec.readyTimeoutMs;
  for (;;) {
    // Asked before the exit is looked at: something else may answer on the port that ours failed to bind.
    const isReady = await spec.isReady();
    const exit = running.exit();
    if (exit !== undefined) return `it ended with ${exit}`;
    if (isReady) return undefined;
    if (Date.now() > deadline) return `it was not ready within ${spec.readyTimeoutMs / 1000} s`;
    await sleep(pollMs);
  }
}

/** Waits for `running` to end; by force after `timeoutMs`, and takes what is left of its group along. */
async function end(running: Running, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => signalGroup(running.pid, 'SIGKILL'), timeoutMs);
  await running.exited;
  clearTimeout(timer);
  signalGroup(running.pid, 'SIGKILL');
}

/** A component that runs one process described by `spec`; every start describes it anew. */
export function createComponent(spec: ProcessSpec, watchdog: Watchdog): Component {
  let running: Running | undefined;

  const finish = async (signal: 'SIGKILL' | ProcessSpec['stopSignal']): Promise<void> => {
    const ending = running;
    if (ending === undefined) return;
    if (ending.pid > 0) {
      if (signal === 'SIGKILL') signalGroup(ending.pid, signal);
      else if (ending.exit() === undefined) signalIfAlive(ending.pid, signal);
      await end(ending, stopTimeoutMs);
      watchdog.forget(ending.pid);
    }
    if (running === ending) running = undefined;
  };

  return {
    start: async () => {
      if (running !== undefined && running.exit() === undefined) return;
      for (let launches = spec.launches ?? 1; ; launches -= 1) {
        const mine = launch(spec, watchdog);
        running = mine;
        const failure = await waitUntilReady(spec, mine);
        if (failure === undefined) return;
        const hasEnded = mine.exit() !== undefined;
        // Somebody stopped it while it started: that is no reason to launch it again.
        if (running !== mine) throw describeFailure(spec, failure);
        await finish('SIGKILL');
        if (!hasEnded || launches <= 1) throw describeFailure(spec, failure);
        await sleep(relaunchMs);
      }
    },
    stop: () => finish(spec.stopSignal),
    kill: () => finish('SIGKILL'),
    pid: () => (running?.exit() === undefined ? running?.pid : undefined),
  };
}
