import type { ReleaseState } from '../../src/core/release/state';
import type { CallName, Held } from '../support/control-ports';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, updates, type Fields, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { everything, files, gated } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

type Point = { readonly held?: Held; readonly started: Started };
type Arrive = (rig: Rig) => Promise<Point>;

const whole: Fields = {
  ...everything,
  stages: [{ canaryPercent: 25, bakeTime: '300ms', minRequests: 5 }],
  gates: { go: {} },
  fullExposure: { gate: 'go', rollbackWindow: '300ms', minRequests: 5 },
};
const canaryGets = (percent: number) => (split: { green: { weight: number; state: string } }) =>
  split.green.weight === percent;
const begin = (rig: Rig, change: Fields = whole) => rig.start(change, files);
const canaryWeighs = (percent: number) => (shares: { green: number }) => shares.green === percent;

/** The release waits inside the call of a port. */
const during =
  (name: CallName, isMeant?: (...args: never[]) => boolean, change?: Fields): Arrive =>
  async (rig) => {
    const held = rig.control.hold(name, isMeant);
    const started = await begin(rig, change);
    // A release that ends or waits before it gets there must fail the test, not hang it.
    await Promise.race([held.reached, started.handle.result()]);
    return { started, held };
  };
/** The release waits for people, time or evidence. */
const whenSo =
  (what: string, isSo: (state: ReleaseState) => boolean, change?: Fields): Arrive =>
  async (rig) => {
    const started = await begin(rig, change);
    await started.reach(isSo, what);
    return { started };
  };
const blueGreen: Fields = { ...everything, stages: [], fullExposure: { rollbackWindow: '1h', minRequests: 5 } };

const points: readonly [string, Arrive][] = [
  ['the look at the targets', during('deployer.status')],
  ['the snapshot', during('database.snapshot')],
  ['an expand', during('database.apply')],
  ['a backfill', during('database.backfill')],
  ['the verification of data', during('database.violations')],
  ['a change of configuration', during('configuration.apply')],
  ['a change of a flag', during('flags.write')],
  ['the deployment', during('deployer.deploy')],
  ['the check at 0 %', during('traffic.writeSplit', canaryGets(0))],
  ['the first shift', during('traffic.writeWeights', canaryWeighs(25))],
  ['the bake', whenSo('baking', ({ stage }) => stage === 'expose-25')],
  ['the gate', whenSo('at the gate', ({ gates }) => 'go' in gates)],
  ['the shift to full exposure', during('traffic.writeWeights', canaryWeighs(99), blueGreen)],
  [
    'the rollback window',
    whenSo(
      'in the window',
      ({ journal, stage }) => stage === 'expose-full' && journal.at(-1)?.state === 'done',
      blueGreen,
    ),
  ],
  [
    'the change of roles',
    during('traffic.writeSplit', canaryGets(100), {
      ...blueGreen,
      fullExposure: { rollbackWindow: '200ms', minRequests: 5 },
    }),
  ],
];

/** What evidence says about the ending of the one release of the rig. */
async function endings(rig: Rig): Promise<unknown[]> {
  const [row] = await rig.world.store.releases(rig.environment, 1);
  const records = await rig.world.store.evidence(row?.release ?? '');
  return records.filter(({ type }) => type === 'ended').map(({ detail }) => detail['ending']);
}

async function expectUndone(rig: Rig, { started }: Point): Promise<void> {
  const { type, report } = await failureOf(started.handle.result());
  expect([type, report.failure?.code, report.failure?.by]).toEqual(['Aborted', 'Aborted', 'dee']);
  expect(report.proof?.isRestored).toBe(true);
  expect(report.undone.every(({ status }) => status === 'verified')).toBe(true);
  expect(await rig.world.traffic.readSplit()).toEqual({
    blue: { weight: 100, state: 'ready' },
    green: { weight: 0, state: 'maint' },
  });
  expect((await rig.world.deployer.status('green', 'shop')).state).toBe('absent');
  expect(await rig.world.database.snapshot()).toEqual({});
  expect([...rig.world.flags.all]).toEqual([]);
  expect(rig.world.configuration.text('green')).toBeUndefined();
  expect(await endings(rig)).toEqual(['Aborted']);
}

test.concurrent.each(points)('an abort during %s undoes everything, with proof', async (_point, arrive) => {
  await rigs.on(async (rig) => {
    const point = await arrive(rig);
    await point.started.handle.signal(signals.abort, said('dee'));
    await point.started.reach(({ failure }) => failure !== undefined, 'turned back');
    point.held?.release();
    await expectUndone(rig, point);
  })();
});

test.concurrent(
  'an abort before the plan is compiled ends the release untouched',
  rigs.on(async (rig) => {
    await rig.worker.shutdown();
    const started = await rig.start(whole, files);
    await started.handle.signal(signals.abort, said('dee'));
    await rig.restartWorker();
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof]).toEqual(['Aborted', null]);
    expect(report.sentence).toMatch(/nothing had been changed/);
    expect(rig.control.order(/apply|write|deploy$/i)).toEqual([]);
  }),
);

test.concurrent(
  'an abort right after an approval keeps the next shift back or takes it back',
  rigs.on(async (rig) => {
    const started = await rig.start(gated());
    await started.reach(({ gates }) => 'go' in gates, 'gate open');
    const shift = rig.control.hold('traffic.writeWeights', canaryWeighs(99));
    await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'go' })] });
    await shift.reached;
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ compensations }) => compensations['expose/shop']?.status === 'verified', 'closed at once');
    shift.release();
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
  }),
);

test.concurrent.each([
  ['the role is recorded', 'store.recordRole'],
  ['the old version stops', 'deployer.undeploy'],
] as const)('an abort while %s comes too late: it is refused and recorded', async (_what, call) => {
  await rigs.on(async (rig) => {
    const held = rig.control.hold(call);
    const started = await rig.start({ stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } });
    await held.reached;
    await started.handle.signal(signals.abort, said('dee'));
    const { refusedMessages, failure } = await started.reach(
      (state) => state.refusedMessageCount === 1,
      'the refusal is recorded',
    );
    expect(failure).toBeUndefined();
    expect(refusedMessages[0]).toMatchObject({ message: 'abort', by: 'dee' });
    expect(refusedMessages[0]?.reason).toMatch(/promoted/);
    held.release();
    expect((await started.handle.result()).ending).toBe('Promoted');
    expect(await endings(rig)).toEqual(['Promoted']);
  })();
});

test.concurrent(
  'a second abort and one by a poor message change nothing but the record',
  rigs.on(async (rig) => {
    const held = rig.control.hold('deployer.undeploy');
    const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] });
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    await started.handle.signal('abort', null);
    await held.reached;
    await started.handle.signal(signals.abort, said('eve'));
    held.release();
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.by]).toEqual(['Aborted', 'unknown']);
    expect((await started.state()).refusedMessages).toMatchObject([{ message: 'abort', by: 'eve' }]);
    expect(await endings(rig)).toEqual(['Aborted']);
  }),
);

test.concurrent(
  "Temporal's cancel means abort",
  rigs.on(async (rig) => {
    const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] });
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    await started.handle.cancel();
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.by, report.proof?.isRestored]).toEqual(['Aborted', 'temporal', true]);
  }),
);

test.concurrent(
  "Temporal's cancel before the first step ends the release untouched",
  rigs.on(async (rig) => {
    await rig.worker.shutdown();
    const started = await rig.start();
    await started.handle.cancel();
    await rig.restartWorker();
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);
