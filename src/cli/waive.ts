import type { SpillwayClient } from '../client';
import { decide, type DecideOptions } from './decide';
import type { Io } from './io';

export type WaiveOptions = DecideOptions & { readonly effect?: string | undefined };

/** `spillway waive`: gives up on what is stuck; the release says who took that upon themselves. */
export const waive = (io: Io, client: SpillwayClient, options: WaiveOptions): Promise<number> =>
  decide(io, client, options, (workflowId, person) => client.waive(workflowId, { ...person, effect: options.effect }));
