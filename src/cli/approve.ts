import type { SpillwayClient } from '../client';
import { decide, type DecideOptions } from './decide';
import type { Io } from './io';
import { chooseGate } from './open-gate';

export type GateOptions = DecideOptions & { readonly gate?: string | undefined };

/** `spillway approve`: opens a gate as one of the people it asks for.  */
export const approve = (io: Io, client: SpillwayClient, options: GateOptions): Promise<number> =>
  decide(io, client, options, async (workflowId, person) =>
    client.approve(workflowId, { ...person, gate: await chooseGate(client, workflowId, options.gate) }),
  );
