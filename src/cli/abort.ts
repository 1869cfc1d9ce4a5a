import type { SpillwayClient } from '../client';
import type { RollbackMode } from '../core/plan/plan';
import type { DecideOptions } from './decide';
import { exitCodes } from './exit-codes';
import { UsageError } from './fault';
import { print, printJson, say, type Io } from './io';
import { readPerson } from './person';
import { resolveRelease } from './resolve';

export type AbortOptions = DecideOptions & {
  readonly drain?: boolean | undefined;
  readonly now?: boolean | undefined;
  readonly preview?: boolean | undefined;
};

function modeOf({ drain, now }: AbortOptions): RollbackMode | undefined {
  if (drain === true && now === true) throw new UsageError('--drain and --now exclude each other: name one.');
  return drain === true ? 'drain' : now === true ? 'emergency' : undefined;
}

/** `spillway abort`: orders the rollback and waits until the release turns back. */
export async function abort(io: Io, client: SpillwayClient, options: AbortOptions): Promise<number> {
  const mode = modeOf(options);
  const workflowId = await resolveRelease(io, client, options);
  if (options.preview === true) {
    const preview = await client.previewUndo(workflowId);
    if (options.json === true) printJson(io, { workflowId, ...preview });
    else print(io, preview.sentence);
    return exitCodes.ok;
  }
  const person = await readPerson(io, options);
  const aborted = await client.abort(workflowId, { ...person, mode });
  if (options.json === true) printJson(io, { workflowId, by: person.by, ...aborted });
  else print(io, aborted.sentence);
  if (!aborted.isActing)
    say(io, 'Nothing turned back yet: the order is recorded and acts as soon as a worker of the environment runs.');
  return exitCodes.ok;
}
