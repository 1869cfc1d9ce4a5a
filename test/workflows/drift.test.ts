import { PortError } from '../../src/ports/errors';
import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals, updates, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, settings } from '../support/shop-release';
import { tell } from '../support/tell';
import { ownersDecide } from '../support/owners-decide';
import { ofDrift, toldOf } from '../support/told';
import { until } from '../support/until';

const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=60']);
afterAll(rigs.close);

const flag = 'flag/switches/two-names';
const configuration = 'configure/limits';
const watched = { ...endless, ...settings, notify: [{ to: 'chat' }] };

async function exposed(rig: Rig): Promise<Started> {
  const started = await rig.start(watched);
  await started.reach(isExposed, 'exposed');
  return started;
}

async function abort({ handle }: Started) {
  await handle.signal(signals.abort, said('dee'));
  return failureOf(handle.result());
}

const told = (rig: Rig): Promise<readonly string[]> => toldOf(rig, ofDrift);

const found = (started: Started, effect: string, count = 1) =>
  started.reach(({ drifts }) => drifts?.[effect]?.count === count, `drift of ${effect} is found`);
const over = (started: Started, effect: string) =>
  started.reach(({ drifts }) => drifts?.[effect]?.endedAtMs !== undefined, `drift of ${effect} is over`);

test.concurrent(
  'a flag that somebody else changes during a release is set again, and people are told',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await rig.world.flags.write('two-names', false);
    await over(started, flag);
    expect(await rig.world.flags.read('two-names')).toBe(true);
    await until('people are told', async () => (await told(rig)).length === 1);
    expect((await told(rig))[0]).toMatch(/changed what flag\/switches\/two-names set: found false; it is set again/);
    const { type, report } = await abort(started);
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
  }),
);

test.concurrent(
  'a configuration that somebody else changes is set again, also behind a new run',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await continueOnce(rig.client, started.handle.workflowId);
    rig.world.configuration.setText('green', '{"limit":99}');
    await over(started, configuration);
    expect(JSON.parse(rig.world.configuration.text('green') ?? '')).toEqual({ limit: 2 });
    await abort(started);
    expect(rig.world.configuration.text('green')).toBeUndefined();
  }),
);

test.concurrent(
  'where policy leaves it to its owners it is told once, also behind a new run, left as it is, and over when it is back',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await rig.world.flags.write('two-names', undefined);
    await found(started, flag);
    expect(await started.sentence()).toMatch(/found no such flag; it is left to its owners/);
    rig.world.configuration.setText('green', undefined);
    await found(started, configuration);
    await continueOnce(rig.client, started.handle.workflowId);
    const looks = rig.control.order(/^flags\.read$/).length;
    await until('the new run looks', () => rig.control.order(/^flags\.read$/).length > looks + 6);
    expect(await rig.world.flags.read('two-names')).toBeUndefined();
    expect(rig.world.configuration.text('green')).toBeUndefined();
    await rig.world.flags.write('two-names', true);
    await over(started, flag);
    expect(await started.sentence()).not.toMatch(/two-names/);
    await until('people are told', async () => (await told(rig)).length === 2);
    expect((await started.state()).drifts?.[flag]?.count).toBe(1);
    await abort(started);
  }, ownersDecide),
);

test.concurrent(
  'what cannot be set again is told with its reason and tried again, and what cannot be read is no drift',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    rig.world.flags.setFailure('read', new PortError('TargetUnavailable', 'the flags are away'));
    await rig.world.flags.write('two-names', false);
    const looks = rig.control.order(/^flags\.read$/).length;
    await until('it is looked for', () => rig.control.order(/^flags\.read$/).length > looks + 4);
    expect((await started.state()).drifts).toBeUndefined();
    rig.world.flags.setFailure('write', new PortError('Rejected', 'flags: read only'));
    rig.world.flags.setFailure('read', undefined);
    await started.reach(({ drifts }) => drifts?.[flag]?.fault !== undefined, 'it could not be set again');
    expect(await started.sentence()).toMatch(/found false; it could not be set again: .*read only/);
    rig.world.flags.setFailure('write', undefined);
    await over(started, flag);
    expect(await rig.world.flags.read('two-names')).toBe(true);
    await abort(started);
  }),
);

test.concurrent(
  'what could not be set again and is mended by hand is over, and is not told again behind a new run',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    rig.control.fail('flags.write', new PortError('Rejected', 'flags: read only'));
    await rig.world.flags.write('two-names', false);
    await started.reach(({ drifts }) => drifts?.[flag]?.fault !== undefined, 'it could not be set again');
    await rig.world.flags.write('two-names', true);
    await over(started, flag);
    expect(await started.sentence()).not.toMatch(/could not be set again/);
    const count = (await started.state()).drifts?.[flag]?.count;
    await continueOnce(rig.client, started.handle.workflowId);
    const looks = rig.control.order(/^flags\.read$/).length;
    await until('it is looked at again', () => rig.control.order(/^flags\.read$/).length > looks + 6);
    expect((await started.state()).drifts?.[flag]?.count).toBe(count);
    rig.control.fail('flags.write', undefined);
    await abort(started);
  }),
);

test.concurrent(
  'a configuration that is overwritten with what is no document is set again',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    rig.world.configuration.setText('green', 'limit: 99');
    await over(started, configuration);
    expect(JSON.parse(rig.world.configuration.text('green') ?? '')).toEqual({ limit: 2 });
    await abort(started);
  }),
);

test.concurrent(
  'a flag whose target does not answer keeps nobody from watching the others',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    const reads = rig.control.hold('flags.read');
    await reads.reached;
    rig.world.configuration.setText('green', '{"limit":99}');
    await over(started, configuration);
    reads.release();
    await abort(started);
  }),
);

test.concurrent(
  'a release that turns back sets nothing again, and restores what was there before it',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    const writes = rig.control.hold('flags.write', (name, value) => name === 'two-names' && value === true);
    await rig.world.flags.write('two-names', 'somebody');
    await writes.reached;
    const ended = abort(started);
    await started.reach(({ failure }) => failure !== undefined, 'it turns back');
    writes.release();
    expect((await ended).report.proof?.isRestored).toBe(true);
    expect(await rig.world.flags.read('two-names')).toBeUndefined();
  }),
);

test.concurrent(
  'a kill switch that a person throws stays as it is, and is told',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    const key = 'flag/switches/stop-checkout';
    await rig.world.flags.write('stop-checkout', true);
    await found(started, key);
    await until('people are told', async () => (await told(rig)).length === 1);
    const looks = rig.control.order(/^flags\.read$/).length;
    await until('it is looked at again', () => rig.control.order(/^flags\.read$/).length > looks + 6);
    expect(await rig.world.flags.read('stop-checkout')).toBe(true);
    await abort(started);
    expect(await rig.world.flags.read('stop-checkout')).toBe(true);
  }),
);

test.concurrent(
  'nothing is set again while the release is paused, and then it is',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await tell(started.handle, updates.pause, said('dee'));
    await rig.world.flags.write('two-names', false);
    await found(started, flag);
    // What is found meanwhile is told, too: nobody is blind for as long as a pause lasts.
    rig.world.configuration.setText('green', '{"limit":99}');
    await found(started, configuration);
    const looks = rig.control.order(/^traffic\.read$/).length;
    await until('time passes', () => rig.control.order(/^traffic\.read$/).length > looks + 10);
    expect(await rig.world.flags.read('two-names')).toBe(false);
    expect((await started.state()).drifts?.[flag]?.count).toBe(1);
    await tell(started.handle, updates.resume, said('dee'));
    await over(started, flag);
    await over(started, configuration);
    expect(await rig.world.flags.read('two-names')).toBe(true);
    expect(JSON.parse(rig.world.configuration.text('green') ?? '')).toEqual({ limit: 2 });
    expect(await told(rig)).toHaveLength(2);
    await abort(started);
  }),
);

test.concurrent(
  'while one flag rests, as something else writes it too, the others are watched',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    for (const count of [1, 2, 3, 4]) {
      await rig.world.flags.write('two-names', `somebody's ${count}`);
      await started.reach(
        ({ drifts }) => drifts?.[flag]?.count === count && drifts[flag].endedAtMs !== undefined,
        `set again ${count} times`,
      );
    }
    // It rests for ten seconds now.
    await rig.world.flags.write('two-names', 'once more');
    rig.world.configuration.setText('green', '{"limit":99}');
    await over(started, configuration);
    expect(await rig.world.flags.read('two-names')).toBe('once more');
    expect((await started.state()).drifts?.[flag]?.count).toBe(4);
    await abort(started);
  }),
);
