import type { SpillwayClient, Person } from '../client';
import type { Acknowledgement } from '../core/release/messages';
import { exitCodes } from './exit-codes';
import { print, printJson, type Io } from './io';
import { readPerson, type PersonOptions } from './person';
import type { ReleaseOptions } from './read-options';
import { resolveRelease } from './resolve';

export type DecideOptions = ReleaseOptions & PersonOptions;

/** Sends what a person decided about a release and prints the sentence that comes back. */
export async function decide(
  io: Io,
  client: SpillwayClient,
  options: DecideOptions,
  act: (workflowId: string, person: Person) => Promise<Acknowledgement>,
): Promise<number> {
  const workflowId = await resolveRelease(io, client, options);
  const person = await readPerson(io, options);
  const { sentence } = await act(workflowId, person);
  if (options.json === true) printJson(io, { workflowId, accepted: true, by: person.by, sentence });
  else print(io, sentence);
  return exitCodes.ok;
}
