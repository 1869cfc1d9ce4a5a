import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './pages';

const launcher = join(root, 'bin', 'spillway.js');
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** One line of a page with the exit code that the page promises. */
export type Step = { readonly line: string; readonly endsWith: number };

/** A folder as a reader has it who follows one page. */
export type Sandbox = {
  readonly directory: string;
  /** Runs a block as one shell; throws with what it said when a line ends otherwise than promised. */
  run(steps: readonly Step[]): Promise<void>;
};

/** `spillway dev` as a reader has it in the first terminal. */
export type Trial = {
  readonly runDirectory: string;
  readonly env: { readonly [name: string]: string };
  sandbox(): Promise<Sandbox>;
  stop(): Promise<void>;
};

/** The streams stay open: a reader that goes away would end what it reads from. */
async function exportsFileOf(dev: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /eval "\$\(cat (\S+)\)"/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    dev.stdout?.on('data', hear);
    dev.stderr?.on('data', hear);
    dev.once('close', () => reject(new Error(`spillway dev ended before it was up:\n${said}`)));
  });
}

async function readExports(file: string): Promise<{ readonly [name: string]: string }> {
  const { stdout } = await promisify(execFile)('bash', ['-c', `env -i bash -c ${quoted(`. ${file}; env`)}`]);
  return Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
}

// `npx` itself takes seconds to find what lies beside it.
const npx = `#!/bin/sh\n[ "$1" = spillway ] || { echo "npx $1 is not known to the test" >&2; exit 127; }\nshift\nexec ${quoted(process.execPath)} ${quoted(launcher)} "$@"\n`;

const checked = ({ line, endsWith }: Step): string =>
  `${line}\ncode=$?\n[ $code -eq ${endsWith} ] || { echo "it ended with $code, the page says ${endsWith}:" ${quoted(line)}; exit 99; }`;

async function createSandbox(parent: string, exportsFile: string): Promise<Sandbox> {
  const directory = await mkdtemp(join(parent, 'page-'));
  const exported = join(parent, `${directory.slice(parent.length + 1)}.exports`);
  await cp(join(root, 'examples'), join(directory, 'examples'), { recursive: true });
  await writeFile(
    exported,
    `. ${exportsFile}\nexport PATH=${quoted(join(parent, 'bin'))}:"$PATH" SPILLWAY_USER=docs NO_COLOR=1\n`,
  );
  return {
    directory,
    async run(steps) {
      const script = [`. ${exported}`, ...steps.map(checked), `export -p > ${exported}`].join('\n');
      const said = await promisify(execFile)('bash', ['-c', `{ ${script}\n} 2>&1`], {
        cwd: directory,
        maxBuffer: 1e7,
      }).then(
        () => undefined,
        (error: { stdout?: string; message: string }) => error.stdout ?? error.message,
      );
      if (said !== undefined) throw new Error(said);
    },
  };
}

/** Starts `spillway dev`; `stop` takes it down as Ctrl-C does. */
export async function startTrial(): Promise<Trial> {
  const parent = await mkdtemp(join(tmpdir(), 'spillway-docs-'));
  await mkdir(join(parent, 'bin'));
  await writeFile(join(parent, 'bin', 'npx'), npx);
  await chmod(join(parent, 'bin', 'npx'), 0o755);
  const dev = spawn(process.execPath, [launcher, 'dev'], { cwd: parent, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(dev, 'exit');
  const stop = async (): Promise<void> => {
    dev.kill('SIGINT');
    await exit;
    await rm(parent, { recursive: true, force: true });
  };
  try {
    const exportsFile = await exportsFileOf(dev);
    return {
      runDirectory: dirname(exportsFile),
      env: await readExports(exportsFile),
      sandbox: () => createSandbox(parent, exportsFile),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
