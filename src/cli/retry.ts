import type { SpillwayClient } from '../client';
import { decide, type DecideOptions } from './decide';
import type { Io } from './io';

export type RetryOptions = DecideOptions & { readonly effect?: string | undefined };

/** `spillway retry`: tries what is stuck again, now. */
export const retry = (io: Io, client: SpillwayClient, options: RetryOptions): Promise<number> =>
  decide(io, client, options, (workflowId, person) => client.retry(workflowId, { ...person, effect: options.effect }));
