import { Client, Connection } from '@temporalio/client';
import { connectClient, type SpillwayClient } from '../src/client';
import { startEmbedded, type Embedded, type EmbeddedOptions } from '../src/stack/embedded';
import { startLoad, type Load, type LoadOptions } from '../src/stack/load';

export type Counts = {
  /** How often measures of a latency run; their bars ask for 20. */
  readonly runs: number;
  /** How many clean releases run; the bar asks for 50. */
  readonly clean: number;
};

/** One stack that all measures share, and the clients they use. */
export type Bench = {
  readonly embedded: Embedded;
  readonly client: SpillwayClient;
  readonly temporal: Client;
  readonly socketPath: string;
  readonly counts: Counts;
  /** A version that no release before had. */
  nextVersion(): string;
  say(line: string): void;
  stop(): Promise<void>;
  /** Takes the stack down under everything that still runs, for a process that ends right after. */
  abandon(): Promise<void>;
};

export async function startBench(
  counts: Counts,
  say: (line: string) => void,
  options: EmbeddedOptions = {},
): Promise<Bench> {
  const embedded = await startEmbedded({
    keepsRunDirectory: process.env['SPILLWAY_BENCH_KEEP'] === '1',
    ...options,
  });
  try {
    const [proxy] = embedded.stack.haproxy;
    if (proxy === undefined) throw new Error('the stack has no HAProxy');
    const client = await connectClient({ env: embedded.env });
    const connection = await Connection.connect({ address: embedded.stack.temporal.address });
    const temporal = new Client({ connection, namespace: embedded.stack.temporal.namespace });
    let versions = 0;
    return {
      embedded,
      client,
      temporal,
      socketPath: proxy.socketPath,
      counts,
      // Version 1 of the shop, whose database stays as it is: what is migrated has a version of its own.
      nextVersion: () => `1.0.${(versions += 1)}`,
      say,
      stop: async () => {
        await client.close();
        await connection.close();
        await embedded.stop();
      },
      // A connection closed under a call that is tried again throws where nobody can catch it.
      abandon: () => embedded.stop(),
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

/** Sends traffic through HAProxy while the work goes on. */
export async function underLoad<T>(
  bench: Bench,
  options: Partial<LoadOptions> & Pick<LoadOptions, 'requestsPerSecond'>,
  work: (load: Load) => Promise<T>,
): Promise<T> {
  const url = bench.embedded.stack.haproxy[0]?.trafficUrl ?? '';
  const load = startLoad({ url, connections: 16, ...options });
  try {
    return await work(load);
  } finally {
    await load.stop();
  }
}
