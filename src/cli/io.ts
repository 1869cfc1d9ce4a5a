import type { ConnectOptions, SpillwayClient } from '../client';

export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Everything a command touches, so that it can be run inside a test. */
export type Io = {
  /** Data. */
  readonly stdout: Output;
  /** Talk. */
  readonly stderr: Output;
  readonly env: { readonly [name: string]: string | undefined };
  readonly directory: string;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  ask(question: string): Promise<string>;
  /** Aborted by Ctrl-C, which from the first call on does not end the process. */
  interruption(): AbortSignal;
  connect(options: ConnectOptions): Promise<SpillwayClient>;
  now(): number;
};

export const say = ({ stderr }: Pick<Io, 'stderr'>, text: string): void => void stderr.write(`${text}\n`);

export const print = ({ stdout }: Pick<Io, 'stdout'>, ...lines: readonly string[]): void => {
  for (const line of lines) stdout.write(`${line}\n`);
};

export const printJson = (io: Pick<Io, 'stdout'>, value: unknown): void => print(io, JSON.stringify(value));
