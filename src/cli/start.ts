import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError, type SpillwayClient, type Started } from '../client';
import type { ReleaseState } from '../core/release/state';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import { whoActs } from './person';
import { sayRefusals } from './plan';
import type { Packed } from './read-descriptor';
import { readDuration, readUntil } from './read-options';
import { watch } from './watch';

export type StartOptions = {
  readonly packed: Packed;
  readonly watch?: boolean | undefined;
  readonly until?: string | undefined;
  readonly timeout?: string | undefined;
  readonly expectPlan?: string | undefined;
  readonly as?: string | undefined;
  readonly json?: boolean | undefined;
  readonly jsonl?: boolean | undefined;
};

const compileWaitMs = 15_000;
// A worker that has just started is not known to Temporal at once.
const workerWaitMs = 3_000;

/** The state once the worker has compiled or refused the plan; undefined when nobody has in time. */
async function compiledState(
  client: SpillwayClient,
  { workflowId, environment }: { readonly workflowId: string; readonly environment: string },
): Promise<ReleaseState | undefined> {
  const startedMs = Date.now();
  for (let waitedMs = 0; waitedMs < compileWaitMs; waitedMs = Date.now() - startedMs) {
    try {
      const state = await client.state(workflowId);
      if (state.sealed !== undefined || state.endedAtMs !== undefined) return state;
    } catch (error) {
      if (!(error instanceof ClientError) || !['no-worker', 'timed-out'].includes(error.code)) throw error;
    }
    if (waitedMs > workerWaitMs && !(await client.hasWorker(environment))) return undefined;
    await sleep(50);
  }
  return undefined;
}

function sayStarted(io: Io, started: Started, planDigest: string | undefined): void {
  print(
    io,
    `release  ${started.workflowId}`,
    `run      ${started.firstRunId}`,
    ...(planDigest === undefined ? [] : [`plan     ${planDigest}`]),
    ...(started.uiUrl === undefined ? [] : [`Temporal ${started.uiUrl}`]),
  );
}

async function sayNotCompiled(io: Io, client: SpillwayClient, environment: string): Promise<void> {
  say(
    io,
    (await client.hasWorker(environment))
      ? `The worker of ${environment} has not compiled the plan yet.`
      : `No worker polls the queues of ${environment}: the release waits until one does (spillway worker --environment FILE --policy FILE).`,
  );
}

/** `spillway start`: starts a release of what was linted and packed; watches it where it is asked to. */
export async function start(io: Io, client: SpillwayClient, options: StartOptions): Promise<number> {
  const isJson = options.json === true;
  readUntil(options.until);
  readDuration('--timeout', options.timeout);
  const { packed } = options;
  const { environment, service, version } = packed.descriptor;
  const requestedBy = await whoActs(io, options.as);
  const { expectPlan } = options;
  const started = await client.start({ bundle: packed.bundle, environment, service, requestedBy, expectPlan });
  const state = await compiledState(client, { workflowId: started.workflowId, environment });
  if (state === undefined) await sayNotCompiled(io, client, environment);
  const planDigest = state?.sealed?.seal.planDigest;
  const isWatched = options.watch === true || options.until !== undefined || options.jsonl === true;
  if (!isJson && options.jsonl !== true) sayStarted(io, started, planDigest);
  if (isWatched) return watch(io, client, { ...options, release: started.workflowId, firstRunId: started.firstRunId });
  if (state?.phase === 'Refused') return sayRefusals(io, state.refusals, isJson);
  if (isJson) printJson(io, { ...started, environment, service, version, planDigest: planDigest ?? null });
  else say(io, `Watch it: spillway watch ${environment}/${service}`);
  return exitCodes.ok;
}
