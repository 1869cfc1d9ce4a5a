import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, remains } from '../stack/traces';

const launcher = join(__dirname, '..', '..', 'bin', 'spillway.js');

/** The built command line as a process of its own, whose every trace can be found again. */
export type Command = {
  readonly child: ChildProcess;
  readonly temporary: string;
  readonly output: () => string;
  /** Resolves when the output holds the text or matches; fails with the output when it ends before. */
  says(text: string | RegExp, timeoutMs?: number): Promise<void>;
  exit(): Promise<number | null>;
  /** Everything it has left behind: processes, ports and files. */
  readonly left: () => Promise<readonly string[]>;
  remove(): Promise<void>;
};

export function runCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  const temporary = mkdtempSync('/tmp/sd-');
  // PostgreSQL does not run as root, and its other user has to reach its files.
  chmodSync(temporary, 0o711);
  const child = spawn(process.execPath, [launcher, ...args], {
    env: { ...process.env, NO_COLOR: '1', TMPDIR: temporary, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = once(child, 'close');
  const holds = (text: string | RegExp) => (typeof text === 'string' ? output.includes(text) : text.test(output));
  const left = async () => {
    // Only these open the ports they name; other commands name somebody else's.
    const named = ['demo', 'dev'].includes(args[0] ?? '') ? output.match(/http:\/\/127\.0\.0\.1:\d+/g) : null;
    const urls = [...new Set(named ?? [])];
    const files = readdirSync(temporary).map((name) => join(temporary, name));
    const { pid = -1 } = child;
    const found = await remains({ runDirectory: temporary, pids: [pid], urls });
    return [...found.filter((trace) => trace !== temporary), ...files];
  };
  return {
    child,
    temporary,
    output: () => output,
    async says(text, timeoutMs = 60_000) {
      const isOver = () => child.exitCode !== null || child.signalCode !== null;
      await eventually(() => Promise.resolve(holds(text) || isOver()), { until: Boolean, timeoutMs });
      if (!holds(text)) throw new Error(`it never said ${text}:\n${output}`);
    },
    async exit() {
      await closed;
      return child.exitCode;
    },
    left,
    async remove() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await closed;
      await eventually(left, { until: (traces) => traces.length === 0 });
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/** Runs a command to its end. */
export async function outcomeOf(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const command = runCommand(args, env);
  try {
    const code = await command.exit();
    return { code, output: command.output() };
  } finally {
    await command.remove();
  }
}
