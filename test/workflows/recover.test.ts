import { verifyChain } from '../../src/core/evidence/chain';
import { taskQueues } from '../../src/core/release/messages';
import type { release } from '../../src/workflows';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Fields, type Rig, type Started } from '../support/release-rig';
import { deletesQuickly, forget, isExposed, recover, terminate } from '../support/recoveries';
import { createRigs } from '../support/rigs';
import { endless, everything, files, gated } from '../support/shop-release';

const rigs = createRigs(deletesQuickly);
afterAll(rigs.close);

const short: Fields = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };
const closed = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };

type Point = {
  readonly change: Fields;
  /** Starts a release of it, brings it there, and returns what lets held calls go. */
  readonly reach: (rig: Rig, start: () => Promise<Started>) => Promise<{ started: Started; letGo: () => void }>;
};

const nothing = (): void => undefined;

const points: { readonly [name: string]: Point } = {
  'exposed at 25 %': {
    change: { ...everything, ...endless },
    reach: async (_rig, start) => {
      const started = await start();
      await started.reach(isExposed, 'exposed');
      return { started, letGo: nothing };
    },
  },
  'at a gate': {
    change: { ...everything, ...gated() },
    reach: async (_rig, start) => {
      const started = await start();
      await started.reach(({ gates }) => gates['go'] !== undefined, 'the gate is open');
      return { started, letGo: nothing };
    },
  },
  'within migrations': {
    change: { ...everything, ...endless },
    reach: async (rig, start) => {
      // Held before it starts: a release may be past it before this line has been read.
      const held = rig.control.hold('database.backfill');
      const started = await start();
      await held.reached;
      return { started, letGo: () => held.release() };
    },
  },
  'during rollback': {
    change: { ...everything, ...endless },
    reach: async (rig, start) => {
      const started = await start();
      await started.reach(isExposed, 'exposed');
      const held = rig.control.hold('deployer.drain');
      await started.handle.signal(signals.abort, said('ada'));
      await held.reached;
      return { started, letGo: () => held.release() };
    },
  },
};

/** Everything that a release may touch, as text. */
async function lookAt({ world }: Rig): Promise<unknown> {
  return {
    split: await world.traffic.readSplit(),
    running: (await world.deployer.status('green', 'shop')).state,
    schema: await world.database.snapshot(),
    configuration: [world.configuration.text('blue'), world.configuration.text('green')],
    flags: [await world.flags.read('two-names'), await world.flags.read('stop-checkout')],
  };
}

/** Terminates it at the point, takes it from Temporal where wanted, and brings it back. */
async function bringBack(rig: Rig, { change, reach }: Point, isForgotten: boolean): Promise<void> {
  const before = await lookAt(rig);
  const { started, letGo } = await reach(rig, () => rig.start(change, files));
  await terminate(rig, started);
  letGo();
  if (isForgotten) await forget(rig.client, started.handle.workflowId, started.handle.firstExecutionRunId);

  const refused = await failureOf((await rig.start(short)).handle.result());
  expect([refused.type, refused.report.refusals[0]?.code]).toEqual(['Refused', 'open-release']);

  const recovery = await recover(rig, started);
  const { type, report } = await failureOf(recovery.result());
  expect([type, report.failure?.code, report.failure?.by]).toEqual(['RolledBack', 'Recovered', 'dee']);
  expect(report).toMatchObject({ release: started.handle.firstExecutionRunId, proof: { isRestored: true } });
  expect(await lookAt(rig)).toEqual({ ...(before as object), split: closed });

  const release = started.handle.firstExecutionRunId;
  const evidence = await rig.world.store.evidence(release);
  expect(verifyChain(evidence).ok).toBe(true);
  expect(evidence.map(({ type: kind }) => kind)).toEqual(expect.arrayContaining(['proof', 'ended']));
  expect(evidence.find(({ detail }) => detail['type'] === 'recovered')).toMatchObject({
    actor: 'dee',
    detail: isForgotten ? { from: 'store' } : { from: 'history', found: { journal: expect.any(Array) as unknown } },
  });
  expect(await rig.world.store.row(release)).toMatchObject({
    phase: 'RolledBack',
    endedAt: expect.any(String) as string,
  });

  const again = await failureOf((await recover(rig, started)).result());
  expect([again.type, again.report.refusals[0]?.code]).toEqual(['Refused', 'nothing-to-recover']);
  expect((await (await rig.start(short)).handle.result()).ending).toBe('Promoted');
}

test.concurrent.each(Object.entries(points))(
  'a release terminated %s is brought back to its own snapshot, with proof, and only then the next one begins',
  async (_name, point) => rigs.on((rig) => bringBack(rig, point, false))(),
);

test.concurrent.each(Object.entries(points).filter(([name]) => name !== 'during rollback'))(
  'a release terminated %s and deleted from Temporal is brought back from the store',
  async (_name, point) => rigs.on((rig) => bringBack(rig, point, true))(),
);

test.concurrent(
  'a recovery that is aborted before it has found its release takes everything back all the same',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...everything, ...endless }, files);
    await started.reach(isExposed, 'exposed');
    await terminate(rig, started);
    const recovery = await rig.client.workflow.signalWithStart<typeof release, [ReturnType<typeof said>]>('release', {
      workflowId: started.handle.workflowId,
      taskQueue: taskQueues(rig.environment).workflow,
      args: [{ request: { recover: {}, requestedBy: 'dee', why: 'somebody terminated it' } }],
      signal: signals.abort,
      signalArgs: [said('ada')],
    });
    const { type, report } = await failureOf(recovery.result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'Recovered', true]);
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
  }),
);
