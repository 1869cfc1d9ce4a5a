import type { SpillwayClient, ConnectOptions } from '../client';
import type { Io } from './io';

/** Runs what a command line asks for and keeps its exit code. */
export type Run = (action: (io: Io) => Promise<number>) => Promise<void>;

/** Connects, acts and disconnects, whatever happens. */
export const withClient =
  (options: ConnectOptions, action: (io: Io, client: SpillwayClient) => Promise<number>) =>
  async (io: Io): Promise<number> => {
    const client = await io.connect({ ...options, env: io.env });
    try {
      return await action(io, client);
    } finally {
      await client.close();
    }
  };
