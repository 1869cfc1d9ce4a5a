import type { SpillwayClient } from '../../src/client';
import type { Io } from '../../src/cli/io';

export type TestIo = {
  readonly io: Io;
  out(): string;
  err(): string;
  /** Presses Ctrl-C. */
  interrupt(): void;
};

type Options = {
  readonly client?: SpillwayClient;
  readonly directory?: string;
  readonly env?: { readonly [name: string]: string | undefined };
  readonly answer?: string;
  readonly columns?: number;
};

/** A terminal in memory; a command that asks is answered, or has nobody to ask. */
export function createTestIo({ client, directory = '/', env = {}, answer, columns }: Options = {}): TestIo {
  let out = '';
  let err = '';
  const interruption = new AbortController();
  return {
    io: {
      stdout: {
        write: (text) => (out += text),
        isTTY: columns !== undefined,
        ...(columns === undefined ? {} : { columns, rows: 100 }),
      },
      stderr: { write: (text) => (err += text) },
      env: { SPILLWAY_USER: 'cem', ...env },
      directory,
      isInteractive: answer !== undefined,
      ask: () => Promise.resolve(answer ?? ''),
      interruption: () => interruption.signal,
      connect: () => {
        if (client === undefined) throw new Error('nothing is to be connected to here');
        // A command closes its client; the next one in the same test needs it still.
        return Promise.resolve({ ...client, close: () => Promise.resolve() });
      },
      now: () => Date.now(),
    },
    out: () => out,
    err: () => err,
    interrupt: () => interruption.abort(),
  };
}
