import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError, type SpillwayClient } from '../client';
import type { ReleaseState } from '../core/release/state';
import type { DecideOptions } from './decide';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import { readPerson } from './person';
import { sayRefusals } from './plan';
import { readDuration, readUntil } from './read-options';
import { resolveRelease } from './resolve';
import { watch } from './watch';

export type RecoverOptions = DecideOptions & {
  /** First run id of the release. */
  readonly run?: string | undefined;
  readonly watch?: boolean | undefined;
  readonly until?: string | undefined;
  readonly timeout?: string | undefined;
  readonly jsonl?: boolean | undefined;
};

const openWaitMs = 15_000;

/** The state once a worker has taken the release up or said no; undefined when none has in time. */
async function openedState(client: SpillwayClient, workflowId: string): Promise<ReleaseState | undefined> {
  const deadlineMs = Date.now() + openWaitMs;
  while (Date.now() < deadlineMs) {
    try {
      const state = await client.state(workflowId);
      if (state.failure !== undefined || state.endedAtMs !== undefined) return state;
    } catch (error) {
      if (!(error instanceof ClientError) || !['no-worker', 'timed-out'].includes(error.code)) throw error;
    }
    await sleep(50);
  }
  return undefined;
}

/** `spillway recover`: rolls a release back whose workflow was terminated or lost, to its own snapshot, with proof. */
export async function recover(io: Io, client: SpillwayClient, options: RecoverOptions): Promise<number> {
  readUntil(options.until);
  readDuration('--timeout', options.timeout);
  const workflowId = await resolveRelease(io, client, options);
  const person = await readPerson(io, options);
  const started = await client.recover({ workflowId, firstRunId: options.run, ...person });
  const isJson = options.json === true;
  if (!isJson && options.jsonl !== true)
    print(
      io,
      `release  ${started.workflowId}`,
      `run      ${started.firstRunId}`,
      ...(started.uiUrl === undefined ? [] : [`Temporal ${started.uiUrl}`]),
    );
  if (options.watch === true || options.until !== undefined || options.jsonl === true)
    return watch(io, client, { ...options, release: workflowId, firstRunId: started.firstRunId });
  const state = await openedState(client, workflowId);
  if (state?.phase === 'Refused') return sayRefusals(io, state.refusals, isJson);
  const release = state?.sealed?.seal.firstRunId ?? null;
  if (isJson) printJson(io, { ...started, release, by: person.by, phase: state?.phase ?? null });
  else if (state === undefined) say(io, 'No worker has taken it up yet: it begins as soon as one does.');
  else say(io, `Release ${release ?? 'unknown'} goes back. Watch it: spillway watch ${workflowId}`);
  return exitCodes.ok;
}
