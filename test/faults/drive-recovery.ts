import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseState } from '../../src/core/release/state';
import { forget } from '../support/recoveries';
import type { CutAt, FaultCase } from './cases';
import { bundleOf } from './descriptor';
import { describeStanding } from './describe-standing';
import type { Driven } from './drive';
import { askMs, insist } from './insist';
import { createInterruptions } from './interruptions';
import type { Lane } from './lane';
import type { Stage } from './play';

const has = ({ journal }: ReleaseState, effect: string, count = 1): boolean =>
  journal.filter((entry) => entry.effect.startsWith(effect)).length >= count;

/** Whether a run has come to the place where it is to be terminated. */
const isAt: { readonly [C in CutAt]: (state: ReleaseState) => boolean } = {
  migrating: (state) => has(state, 'migrate/', 2),
  exposed: (state) => has(state, 'expose/'),
  gate: ({ gates }) => gates['full'] !== undefined,
  backward: ({ failure }) => failure?.code === 'Aborted',
  recovering: ({ failure }) => failure?.code === 'Recovered',
};

/** Terminates a release and what recovers it, one after the other, and recovers it after each until it has ended. */
export async function driveRecovery(stage: Stage, lane: Lane, fault: FaultCase, patienceMs: number): Promise<Driven> {
  const { temporal, client } = stage;
  const version = `2.${fault.number}.0`;
  const { workflowId, firstRunId } = await client.start({
    bundle: bundleOf(lane, fault, version),
    environment: lane.name,
    service: lane.service,
    requestedBy: 'cem',
  });
  const handle = temporal.workflow.getHandle(workflowId);
  const within = <T>(ask: () => Promise<T>): Promise<T> => temporal.withDeadline(Date.now() + askMs, ask);
  const reach = (what: string, isSo: (state: ReleaseState) => boolean): Promise<true> =>
    insist(what, patienceMs, async () => (isSo(await client.state(workflowId)) ? true : undefined));

  let turnedAtMs: number | undefined;
  const runs = [firstRunId];
  for (const cut of fault.cuts ?? []) {
    if (cut === 'backward') {
      await reach('the gate opens', isAt.gate);
      turnedAtMs = Date.now();
      await handle.signal('abort', { id: `abort-${randomUUID()}`, by: 'dee', why: 'enough' });
    }
    await reach(`it is ${cut}`, isAt[cut]);
    await sleep(fault.delayMs);
    await handle.terminate('somebody slipped');
    const ended = runs.at(-1) ?? '';
    if (fault.isForgotten === true) {
      await forget(temporal, workflowId, ended);
      runs.pop();
    }
    turnedAtMs ??= Date.now();
    lane.arm(fault.points);
    const recovery = await client.recover({ workflowId, by: 'dee', why: 'somebody slipped' });
    runs.push(recovery.firstRunId);
  }
  const faults: string[] = [];
  const interruptions = createInterruptions(stage, lane, fault);
  interruptions.watchPoints();
  // A recovery takes a second or two, and what dies is to die somewhere in it.
  if (fault.partAt === 'recovering') interruptions.part(Promise.resolve(), fault.delayMs * 8);
  try {
    await insist('the recovery ends', patienceMs, async () =>
      (await within(() => handle.describe())).status.name === 'RUNNING' ? undefined : true,
    ).catch(async (error: unknown) => void faults.push(String(error), ...(await describeStanding(temporal, lane))));
    await interruptions.all();
  } finally {
    // A part that is still on its way back must not come in the middle of the next case.
    await interruptions.settled();
  }
  return {
    workflowId,
    firstRunId,
    runs,
    version,
    gateApprovedAtMs: undefined,
    turnedAtMs,
    acceptedApprovals: [],
    struckAtMs: [],
    spans: {},
    faults,
  };
}
