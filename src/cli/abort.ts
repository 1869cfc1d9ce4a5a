import type { SpillwayClient } from '../client';
import type { DecideOptions } from './decide';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import { readPerson } from './person';
import { resolveRelease } from './resolve';

/** `spillway abort`: orders the rollback and waits until the release turns back. */
export async function abort(io: Io, client: SpillwayClient, options: DecideOptions): Promise<number> {
  const workflowId = await resolveRelease(io, client, options);
  const person = await readPerson(io, options);
  const aborted = await client.abort(workflowId, person);
  if (options.json === true) printJson(io, { workflowId, by: person.by, ...aborted });
  else print(io, aborted.sentence);
  if (!aborted.isActing)
    say(io, 'Nothing turned back yet: the order is recorded and acts as soon as a worker of the environment runs.');
  return exitCodes.ok;
}
