import type { Shares, Split } from '../../src/ports/traffic';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Fields, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

const rollback = (change: Fields = {}, drain: Fields = {}): Fields => ({
  backInBand: '200ms',
  onAbort: 'drain',
  drain: { every: '60ms', sessions: '200ms', ...drain },
  ...change,
});

const closed = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };

/** Every share that was written for the canary, once each, with its state where it is not ready. */
function steps(rig: Rig): readonly string[] {
  const written = rig.control.calls.flatMap(({ name, args }) => {
    if (name === 'traffic.writeWeights') return [`${(args[0] as Shares).green}`];
    if (name !== 'traffic.writeSplit') return [];
    const { weight, state } = (args[0] as Split).green;
    return [state === 'ready' ? `${weight}` : `${weight} ${state}`];
  });
  return written.filter((step, index) => step !== written[index - 1]);
}

async function exposed(rig: Rig, fields: Fields): Promise<Started> {
  const started = await rig.start({ ...endless, ...fields });
  await started.reach(
    ({ stage, journal }) => stage === 'expose-25' && journal.at(-1)?.state === 'done',
    'a quarter is on the canary',
  );
  return started;
}

test.concurrent(
  'a calm abort leads users back by half a step, keeps their sessions, then closes and proves',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback() });
    rig.world.traffic.holdSessions('green', 3);
    await started.handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(steps(rig)).toEqual(['0', '25', '13', '7', '4', '2', '1', '0', '0 drain', '0 maint']);
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
    const order = rig.control.order(/write(Split|Weights)|undeploy/);
    expect(order.indexOf('deployer.undeploy')).toBeGreaterThan(order.lastIndexOf('traffic.writeSplit'));
    const { wayBack } = await started.state();
    expect([wayBack?.mode, wayBack?.escalation]).toEqual(['drain', undefined]);
  }),
);

test.concurrent(
  'an abort may ask for a drain, and one that asks for nothing leaves at once',
  rigs.on(async (rig) => {
    const asked = await exposed(rig, { rollback: rollback({ onAbort: 'emergency' }) });
    await asked.handle.signal(signals.abort, said('dee', { mode: 'drain' } as const));
    await failureOf(asked.handle.result());
    expect(steps(rig)).toContain('13');
    const before = steps(rig).length;
    const plain = await exposed(rig, { rollback: rollback({ onAbort: 'emergency' }) });
    await plain.handle.signal('abort', { ...said('dee'), mode: 'gently' });
    await failureOf(plain.handle.result());
    expect(steps(rig).slice(before)).toEqual(['0', '25', '0 maint']);
  }),
);

test.concurrent(
  'a second abort ends a drain at once; a second calm one is refused',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback({}, { every: '1h' }) });
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ wayBack }) => wayBack?.drain?.canaryPercent === 13, 'one step back');
    await started.handle.signal(signals.abort, said('eve', { mode: 'drain' } as const));
    await started.handle.signal(signals.abort, said('fay'));
    const { report } = await failureOf(started.handle.result());
    expect([report.failure?.by, report.proof?.isRestored]).toEqual(['dee', true]);
    expect(steps(rig)).toEqual(['0', '25', '13', '0 maint']);
    const { wayBack, refusedMessages } = await started.state();
    expect([wayBack?.mode, wayBack?.escalation?.by]).toEqual(['emergency', 'fay']);
    expect(refusedMessages).toMatchObject([{ message: 'abort', by: 'eve' }]);
  }),
);

test.concurrent(
  'an abort that is delivered twice is one abort, and its drain goes on',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback() });
    const message = said('dee');
    await started.handle.signal(signals.abort, message);
    await started.handle.signal(signals.abort, message);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(steps(rig)).toEqual(['0', '25', '13', '7', '4', '2', '1', '0', '0 drain', '0 maint']);
    const { wayBack, refusedMessages } = await started.state();
    expect(wayBack?.escalation).toBeUndefined();
    expect(refusedMessages).toMatchObject([{ message: 'abort', by: 'dee' }]);
    expect(refusedMessages[0]?.reason).toMatch(/taken already/);
  }),
);

test.concurrent(
  'a breach ends a drain at once: users are guarded as long as one is on the canary',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback({}, { every: '1h' }) });
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ wayBack }) => wayBack?.drain?.canaryPercent === 13, 'one step back');
    rig.world.breakSlot('green', 0.5);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['Aborted', 'Aborted', true]);
    const { wayBack } = await started.state();
    expect(wayBack?.escalation?.reason).toMatch(/http-errors/);
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
  }),
);

test.concurrent(
  'a breach is drained where the plan says so',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback({ onBreach: 'drain' }) });
    rig.world.breakSlot('green', 0.5);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'GuardrailBroken', true]);
    expect(steps(rig)).toEqual(['0', '25', '13', '7', '4', '2', '1', '0', '0 drain', '0 maint']);
  }),
);

test.concurrent(
  'no step is made before the baseline can take it, and the sentence says why',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback() });
    rig.world.deployer.setCapacity('blue', { capacityPercent: 60 });
    await started.handle.signal(signals.abort, said('dee'));
    const { wayBack } = await started.reach((state) => state.wayBack?.drain?.waitsFor !== undefined, 'it waits');
    expect(wayBack?.drain?.waitsFor).toMatch(/capacity for 60 % of the load and would get 87 %/);
    expect(await started.sentence()).toMatch(/25 % → 13 % waits: the baseline in blue/);
    expect((await rig.world.traffic.readSplit()).green.weight).toBe(25);
    rig.world.deployer.setCapacity('blue', { capacityPercent: 100 });
    expect((await failureOf(started.handle.result())).report.proof?.isRestored).toBe(true);
  }),
);

test.concurrent(
  'a step waits until the baseline can carry the requests a second that it would get',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback() });
    rig.world.deployer.setCapacity('blue', { capacityRps: 5 });
    await started.handle.signal(signals.abort, said('dee'));
    const { wayBack } = await started.reach((state) => state.wayBack?.drain?.waitsFor !== undefined, 'it waits');
    expect(wayBack?.drain?.waitsFor).toMatch(
      /blue has capacity for 5 requests\/s and needs [\d.]+: it would get [\d.]+$/,
    );
    expect((await rig.world.traffic.readSplit()).green.weight).toBe(25);
    rig.world.deployer.setCapacity('blue', { capacityRps: 5_000 });
    expect((await failureOf(started.handle.result())).report.proof?.isRestored).toBe(true);
    expect(steps(rig)).toEqual(['0', '25', '13', '7', '4', '2', '1', '0', '0 drain', '0 maint']);
  }),
);

test.concurrent(
  'a baseline that stays away too long is told, and an abort leaves the canary all the same',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback({}, { baselineWait: '100ms' }) });
    rig.world.deployer.setReady('blue', false);
    await started.handle.signal(signals.abort, said('dee'));
    const { compensations } = await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'somebody is called');
    expect(compensations['expose/shop']?.detail).toMatch(/25 % stay on the canary.*is starting.*abort again/);
    await started.handle.signal(signals.abort, said('eve'));
    await started.reach((state) => state.compensations['expose/shop']?.status === 'verified', 'closed');
    rig.world.deployer.setReady('blue', true);
    expect((await failureOf(started.handle.result())).report.proof?.isRestored).toBe(true);
    expect(steps(rig)).toEqual(['0', '25', '0 maint']);
  }),
);

test.concurrent(
  'a new worker goes on with a drain from where the proxy is',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { rollback: rollback({}, { every: '500ms' }) });
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ wayBack }) => wayBack?.drain?.canaryPercent === 13, 'one step back');
    await rig.worker.shutdown();
    await rig.restartWorker();
    expect((await failureOf(started.handle.result())).report.proof?.isRestored).toBe(true);
    expect(steps(rig)).toEqual(['0', '25', '13', '7', '4', '2', '1', '0', '0 drain', '0 maint']);
  }),
);
