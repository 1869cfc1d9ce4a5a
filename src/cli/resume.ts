import type { SpillwayClient } from '../client';
import { decide, type DecideOptions } from './decide';
import type { Io } from './io';

/** `spillway resume`: goes on where it was paused. */
export const resume = (io: Io, client: SpillwayClient, options: DecideOptions): Promise<number> =>
  decide(io, client, options, client.resume);
