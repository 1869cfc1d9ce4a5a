import type { SpillwayClient } from '../client';
import type { GateOptions } from './approve';
import { decide } from './decide';
import type { Io } from './io';
import { chooseGate } from './open-gate';

/** `spillway reject`: closes a gate for good: the release rolls back, a contract is not run.  */
export const reject = (io: Io, client: SpillwayClient, options: GateOptions): Promise<number> =>
  decide(io, client, options, async (workflowId, person) =>
    client.reject(workflowId, { ...person, gate: await chooseGate(client, workflowId, options.gate) }),
  );
