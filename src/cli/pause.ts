import type { SpillwayClient } from '../client';
import { decide, type DecideOptions } from './decide';
import type { Io } from './io';

/** `spillway pause`: freezes the weight and the clocks; guarding goes on. */
export const pause = (io: Io, client: SpillwayClient, options: DecideOptions): Promise<number> =>
  decide(io, client, options, client.pause);
