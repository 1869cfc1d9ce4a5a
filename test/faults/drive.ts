import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { ReleaseState } from '../../src/core/release/state';
import type { FaultCase } from './cases';
import { bundleOf, gateTimeoutMs } from './descriptor';
import { describeStanding } from './describe-standing';
import { freeze } from './freeze';
import type { Lane } from './lane';
import type { Stage } from './play';

/** What was done to a release from outside, and when. */
export type Driven = {
  readonly workflowId: string;
  readonly firstRunId: string;
  /** First runs that Temporal still has: of the release, and of what recovered it. */
  readonly runs: readonly string[];
  readonly version: string;
  readonly gateApprovedAtMs: number | undefined;
  readonly turnedAtMs: number | undefined;
  readonly acceptedApprovals: readonly string[];
  /** What went wrong in the driving itself. */
  readonly faults: readonly string[];
};

const pollMs = 100;
/** A busy worker answers late, and asking again makes it later still: what nobody waits for any more is answered too. */
export const askMs = 10_000;

const isRefusal = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError || error instanceof WorkflowNotFoundError;

/** An error with what caused it: the outermost words of a client say little. */
const wordsOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? `${String(error)}: ${wordsOf(error.cause)}` : String(error);

/** Tries until it works: in a fault, nobody answering is a moment and no error. */
export async function insist<T>(what: string, deadlineMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last: unknown = 'it was not so';
  for (;;) {
    try {
      const found = await ask();
      if (found !== undefined) return found;
    } catch (error) {
      if (isRefusal(error)) throw error;
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}: ${wordsOf(last)}`);
    await sleep(pollMs);
  }
}

/** Plays the people and the world of one case until its release, and contract where there is one, has ended. */
export async function drive(stage: Stage, lane: Lane, fault: FaultCase, patienceMs: number): Promise<Driven> {
  const { temporal, client } = stage;
  const version = `2.${fault.number}.0`;
  const isDoubled = fault.kind === 'second-worker';
  const input = {
    bundle: bundleOf(lane, fault, version),
    environment: lane.name,
    service: lane.service,
    requestedBy: 'cem',
  };
  const faults: string[] = [];
  const { workflowId, firstRunId } = await client.start(input);
  const handle = temporal.workflow.getHandle(workflowId);
  if (isDoubled)
    await client.start(input).then(
      () => faults.push('a second release of the service was let in'),
      () => undefined,
    );

  const within = <T>(ask: () => Promise<T>): Promise<T> => temporal.withDeadline(Date.now() + askMs, ask);
  const state = (): Promise<ReleaseState> => client.state(workflowId);
  const isOver = async (id: string, runId?: string): Promise<true | undefined> =>
    (await within(() => temporal.workflow.getHandle(id, runId).describe())).status.name === 'RUNNING'
      ? undefined
      : true;

  const accepted: string[] = [];
  async function approve(id: string, gate: string, name: string): Promise<void> {
    const message = { id: `${name}-${randomUUID()}`, gate, by: 'ada', why: 'it looks fine' };
    const send = () =>
      insist(`approve ${gate}`, patienceMs, () =>
        within(() =>
          temporal.workflow.getHandle(id).executeUpdate('approve', { args: [message], updateId: message.id }),
        ),
      );
    try {
      await Promise.all(isDoubled ? [send(), send()] : [send()]);
      accepted.push(message.id);
    } catch (error) {
      // A refusal is an answer: an abort may have won.
      if (!isRefusal(error)) throw error;
      if (fault.kind !== 'race') faults.push(`approval of ${gate} refused: ${wordsOf(error)}`);
    }
  }
  const abort = async (): Promise<void> => {
    const message = { id: `abort-${randomUUID()}`, by: 'dee', why: 'enough' };
    const send = () =>
      insist('abort', patienceMs, async () => (await within(() => handle.signal('abort', message)), true));
    await Promise.all(isDoubled ? [send(), send()] : [send()]);
  };
  const killPart = async (): Promise<void> => {
    const { part, downMs } = fault;
    if (part === undefined) return;
    const component = part === 'haproxy' || part === 'sentinel' ? lane[part] : stage.shared[part];
    if (fault.isFrozen === true) return freeze(component, stage.freezeMs);
    await component.kill();
    // What all lanes share is away for a moment at least.
    await sleep(part in stage.shared ? downMs + 300 : downMs);
    await component.start();
  };
  const later = async (ms: number): Promise<void> => {
    await sleep(ms);
    await killPart();
  };

  const interruptions: Promise<void>[] = [];
  // One that fails is awaited below; until then it must not end the process unasked.
  const interrupt = (work: Promise<void>): void => {
    work.catch(() => undefined);
    interruptions.push(work);
  };
  try {
    const onItsWay = async (): Promise<void> => {
      // Before that a release is refused when something is away, as it should be.
      await insist('the snapshot is taken', patienceMs, async () => (await state()).snapshot);
      await later(fault.delayMs * 15);
    };
    if (fault.partAt === 'forward') interrupt(onItsWay());
    await insist('the gate opens', patienceMs, async () =>
      (await state()).gates['full'] === undefined
        ? (await isOver(workflowId, firstRunId)) === true
          ? true
          : undefined
        : true,
    );
    const openedAtMs = Date.now();
    if (fault.partAt === 'gate') interrupt(killPart());
    if (fault.partAt === 'backward') interrupt(later(fault.delayMs));
    let gateApprovedAtMs: number | undefined;
    let turnedAtMs: number | undefined;
    const goOn = async (): Promise<void> => {
      gateApprovedAtMs = Date.now();
      await approve(workflowId, 'full', 'approve');
    };
    const turn = async (): Promise<void> => {
      turnedAtMs = Date.now();
      await abort();
    };
    if (fault.kind === 'race') await Promise.all([goOn().catch(() => undefined), turn()]);
    else if (fault.ending === 'aborted') await turn();
    else if (fault.ending === 'expired') turnedAtMs = openedAtMs + gateTimeoutMs;
    else if (fault.ending === 'breach') {
      turnedAtMs = Date.now();
      lane.platform.misbehave('green');
    } else await goOn();
    await Promise.all(interruptions);

    const ended = (id: string, runId?: string): Promise<void> =>
      insist(`${id} ends`, patienceMs, () => isOver(id, runId)).then(
        () => undefined,
        async (error: unknown) => void faults.push(String(error), ...(await describeStanding(temporal, lane))),
      );
    await ended(workflowId);
    if (fault.ending === 'contracted') {
      const contractId = `contract/${lane.name}/${lane.service}/${firstRunId}`;
      await approve(contractId, 'contract', 'approve-contract');
      await ended(contractId);
    }
    const runs = [firstRunId];
    return { workflowId, firstRunId, runs, version, gateApprovedAtMs, turnedAtMs, acceptedApprovals: accepted, faults };
  } finally {
    // A part that is still on its way back must not come in the middle of the next case.
    await Promise.allSettled(interruptions);
  }
}
