import { failureOf } from '../support/failure-of';
import { signals, startRig, startTemporal, updates, type Rig } from '../support/release-rig';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let rig: Rig;

beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  rig = await startRig(temporal.connection);
});
afterEach(() => rig.close());

test('promotes a good release and the slots change roles', async () => {
  const { handle } = await rig.start();
  const report = await handle.result();
  expect(report.ending).toBe('Promoted');
  expect(await rig.world.traffic.readSplit()).toEqual({
    blue: { weight: 0, state: 'maint' },
    green: { weight: 100, state: 'ready' },
  });
});

test('rolls back a canary that fails, with proof', async () => {
  const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] });
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed at 25 %');
  rig.world.breakSlot('green', 0.5);
  const { type, report } = await failureOf(started.handle.result());
  expect(type).toBe('RolledBack');
  expect(report.failure?.code).toBe('GuardrailBroken');
  expect(report.proof?.isRestored).toBe(true);
});

test('aborts while it waits for an approval', async () => {
  const started = await rig.start({ gates: { go: {} }, fullExposure: { gate: 'go', rollbackWindow: '400ms' } });
  await started.reach(({ gates }) => gates.go !== undefined, 'gate open');
  await started.handle.signal(signals.abort, { id: 'a1', by: 'dee', why: 'wrong day' });
  const { type, report } = await failureOf(started.handle.result());
  expect(type).toBe('Aborted');
  expect(report.proof?.isRestored).toBe(true);
});

test('goes on after an approval', async () => {
  const started = await rig.start({
    gates: { go: { from: ['lead'] } },
    fullExposure: { gate: 'go', rollbackWindow: '400ms' },
  });
  await started.reach(({ gates }) => gates.go !== undefined, 'gate open');
  await expect(
    started.handle.executeUpdate(updates.approve, { args: [{ id: 'x', gate: 'go', by: 'eve', why: 'fine' }] }),
  ).rejects.toThrow();
  await started.handle.executeUpdate(updates.approve, { args: [{ id: 'y', gate: 'go', by: 'ada', why: 'fine' }] });
  expect((await started.handle.result()).ending).toBe('Promoted');
});
