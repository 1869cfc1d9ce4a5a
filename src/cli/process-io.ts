import type { Io } from './io';

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

/** The terminal and environment of this process. */
export const processIo = (): Io => ({
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  directory: process.cwd(),
  isInteractive: process.stdin.isTTY && process.stderr.isTTY,
  ask,
  interruption() {
    const controller = new AbortController();
    // Once only: a second Ctrl-C ends the process whatever it does.
    process.once('SIGINT', () => controller.abort());
    return controller.signal;
  },
  // The SDK takes a quarter of a second to load; `--help` and `lint` need none of it.
  connect: async (options) => (await import('../client')).connectClient(options),
  now: () => Date.now(),
});
