import type { ReleaseState } from '../../src/core/release/state';
import { readStore } from './checker/read';
import type { FaultCase } from './cases';
import { bundleOf, gateTimeoutMs } from './descriptor';
import { describeStanding } from './describe-standing';
import { untilAllHaveWritten } from './full-exposure';
import { createInterruptions } from './interruptions';
import { askMs, insist } from './insist';
import type { Lane } from './lane';
import type { Spans } from './moments';
import { createPeople } from './people';
import type { Stage } from './play';
import type { Away } from './strike';

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
  /** When something was killed at a moment, and how long the ways took. */
  readonly struckAtMs: readonly number[];
  readonly spans: Spans[string];
  /** When the part of the case was away. */
  readonly away?: Away;
  /** What went wrong in the driving itself. */
  readonly faults: readonly string[];
};

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
  const { workflowId, firstRunId } = await client.start(input);
  const people = createPeople(temporal, fault, patienceMs);
  const { accepted, faults } = people;
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

  const abort = (): Promise<void> => people.abort(workflowId);
  const interruptions = createInterruptions(stage, lane, fault);
  interruptions.watchPoints();
  try {
    // Before that a release is refused when something is away, as it should be.
    if (fault.partAt === 'forward')
      interruptions.part(
        insist('the snapshot is taken', patienceMs, async () => (await state()).snapshot),
        fault.delayMs * 15,
      );
    if (fault.strikes !== undefined)
      void insist('the first effect is begun', patienceMs, async () => (await state()).journal[0]).then(
        () => interruptions.begin('forward'),
        () => undefined,
      );
    await insist('the gate opens', patienceMs, async () =>
      (await state()).gates['full'] === undefined
        ? (await isOver(workflowId, firstRunId)) === true
          ? true
          : undefined
        : true,
    );
    const openedAtMs = Date.now();
    if (fault.partAt === 'gate') interruptions.part(Promise.resolve(), 0);
    if (fault.partAt === 'backward' && fault.points.length === 0) interruptions.part(Promise.resolve(), fault.delayMs);
    let gateApprovedAtMs: number | undefined;
    let turnedAtMs: number | undefined;
    const goOn = async (): Promise<void> => {
      gateApprovedAtMs = Date.now();
      await people.approve(workflowId, 'full', 'approve');
    };
    const turn = async (): Promise<void> => {
      interruptions.end('forward');
      turnedAtMs = Date.now();
      interruptions.begin('backward');
      await abort();
    };
    // Who aborts at once would not see what becomes of the canary meanwhile.
    if (fault.isLong === true && fault.ending === 'aborted') await interruptions.all();
    if (fault.kind === 'race') await Promise.all([goOn().catch(() => undefined), turn()]);
    else if (fault.ending === 'aborted' || fault.ending === 'drained') await turn();
    else if (fault.ending === 'lease-lost') turnedAtMs = openedAtMs;
    else if (fault.ending === 'expired') turnedAtMs = openedAtMs + gateTimeoutMs;
    else if (fault.ending === 'breach') {
      turnedAtMs = Date.now();
      lane.platform.misbehave('green');
    } else {
      await goOn();
      if (fault.ending === 'aborted-full') {
        await untilAllHaveWritten(state, lane, patienceMs);
        await turn();
      }
    }
    if (fault.strikes === undefined) await interruptions.all();

    const ended = (id: string, runId?: string): Promise<void> =>
      insist(`${id} ends`, patienceMs, () => isOver(id, runId)).then(
        () => undefined,
        async (error: unknown) => void faults.push(String(error), ...(await describeStanding(temporal, lane))),
      );
    if (fault.ending === 'contracted') {
      // Contract begins then, while the release still tells of its end.
      await insist('it is promoted', patienceMs, async () =>
        (await state()).endedAtMs === undefined ? undefined : true,
      );
      interruptions.end('forward');
      interruptions.begin('contract');
    }
    await ended(workflowId);
    interruptions.end(turnedAtMs === undefined ? 'forward' : 'backward');
    const { report } = await insist('its report can be read', patienceMs, async () => ({
      report: await client.report(workflowId, firstRunId),
    }));
    if (report?.ending === 'Promoted') {
      const contractId = `contract/${lane.name}/${lane.service}/${firstRunId}`;
      // Until then it is on its way, and nothing of it can be called right or wrong.
      await insist('the gate of contract opens', patienceMs, async () =>
        (await client.contractState(contractId)).phase === 'WaitingForApproval' ? true : undefined,
      );
      await insist('the gate of contract is told', patienceMs, async () => {
        const { outbox } = await readStore(lane.storeDsn, [firstRunId]);
        return outbox.some(({ id }) => id.includes('/contract/')) ? true : undefined;
      });
      if (fault.ending === 'contracted') {
        await people.approve(contractId, 'contract', 'approve-contract');
        await ended(contractId);
        interruptions.end('contract');
      }
    }
    await interruptions.all();
    const away = interruptions.away();
    return {
      ...(away === undefined ? {} : { away }),
      ...{ workflowId, firstRunId, runs: [firstRunId], version, gateApprovedAtMs, turnedAtMs, faults },
      ...{ acceptedApprovals: accepted, struckAtMs: interruptions.struckAtMs(), spans: interruptions.spans() },
    };
  } finally {
    // A part that is still on its way back must not come in the middle of the next case.
    await interruptions.settled();
  }
}
