import { setTimeout as sleepMs } from 'node:timers/promises';
import { updates, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { endless, gated } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

const pause = ({ handle }: Started) => handle.executeUpdate(updates.pause, { args: [said('dee')] });
const resume = ({ handle }: Started) => handle.executeUpdate(updates.resume, { args: [said('dee')] });
const at = (started: Started, stage: string) => started.reach((state) => state.stage === stage, `at ${stage}`);
const canaryWeight = async (rig: Rig): Promise<number> => (await rig.world.traffic.readSplit()).green.weight;

test.concurrent(
  'a pause freezes the weight, and resuming bakes what the pause took',
  rigs.on(async (rig) => {
    const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '600ms', minRequests: 5 }] });
    await at(started, 'expose-25');
    await pause(started);
    // Far longer than the bake: only the pause keeps it here.
    await sleepMs(1_500);
    expect(await canaryWeight(rig)).toBe(25);
    expect(await started.sentence()).toMatch(/^Paused: dee paused it .* unless resumed/);
    const paused = await started.state();
    expect(paused.stage).toBe('expose-25');
    await resume(started);
    const resumedAtMs = Date.now();
    const after = await at(started, 'expose-full');
    const [stage] = after.stages.filter(({ id }) => id === 'expose-25');
    const bakedBeforeMs = (paused.paused?.sinceMs ?? 0) - (stage?.startedAtMs ?? 0);
    expect((stage?.endedAtMs ?? 0) - resumedAtMs).toBeGreaterThanOrEqual(600 - bakedBeforeMs - 50);
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'a breach while paused rolls back',
  rigs.on(async (rig) => {
    const started = await rig.start(endless);
    await at(started, 'expose-25');
    await pause(started);
    rig.world.breakSlot('green', 0.6);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code]).toEqual(['RolledBack', 'GuardrailBroken']);
  }),
);

test.concurrent(
  'a pause longer than the plan allows rolls back',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...endless, pause: { longest: '800ms' } });
    await at(started, 'expose-25');
    await pause(started);
    await resume(started);
    await pause(started);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code]).toEqual(['RolledBack', 'PauseExpired']);
    expect(report.failure?.reason).toMatch(/pause of dee/);
  }),
);

test.concurrent(
  'a pause stops the clock of a gate',
  rigs.on(async (rig) => {
    const started = await rig.start(gated({ timeout: '4s' }));
    const { gates } = await started.reach((state) => state.gates['go'] !== undefined, 'gate open');
    await pause(started);
    await sleepMs(4_500);
    expect((await started.state()).failure).toBeUndefined();
    await resume(started);
    const resumed = await started.state();
    expect((resumed.gates['go']?.deadlineMs ?? 0) - (gates['go']?.deadlineMs ?? 0)).toBeGreaterThanOrEqual(4_500);
    await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'go' })] });
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'an approval given while paused opens the gate when it is resumed',
  rigs.on(async (rig) => {
    const started = await rig.start(gated());
    await started.reach((state) => state.gates['go'] !== undefined, 'gate open');
    await pause(started);
    await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'go' })] });
    expect((await started.state()).stage).toBe('gate-go');
    await resume(started);
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'a pause before the deployment holds every new effect back, and a second one is refused',
  rigs.on(async (rig) => {
    const held = rig.control.hold('configuration.apply');
    const started = await rig.start({ configuration: [{ set: { limit: 2 } }], flags: [{ flag: 'new', value: true }] });
    await held.reached;
    await pause(started);
    await expect(pause(started)).rejects.toMatchObject({ cause: { message: 'dee has paused it already' } });
    held.release();
    await started.reach(({ journal }) => journal[0]?.state === 'done', 'the effect under way is done');
    expect(rig.control.order(/flags.write|deployer.deploy/)).toEqual([]);
    await resume(started);
    await expect(resume(started)).rejects.toMatchObject({ cause: { message: 'it is not paused' } });
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);
