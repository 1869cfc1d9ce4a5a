import type { SpillwayClient } from '../client';
import { decide, type DecideOptions } from './decide';
import type { Io } from './io';

export type ContinueOptions = DecideOptions & { readonly effect?: string | undefined };

/** `spillway continue`: goes on with what is stuck after it was mended by hand; it is verified all the same. */
export const continueRelease = (io: Io, client: SpillwayClient, options: ContinueOptions): Promise<number> =>
  decide(io, client, options, (workflowId, person) =>
    client.continue(workflowId, { ...person, effect: options.effect }),
  );
