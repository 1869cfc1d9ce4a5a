import { PortError } from '../../src/ports/errors';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, everything, files, migrations, settings } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

const rejected = (what: string) => new PortError('Rejected', what);

async function expectRolledBack(rig: Rig, result: Promise<unknown>, reason: RegExp): Promise<void> {
  const { type, report } = await failureOf(result);
  expect(type).toBe('RolledBack');
  expect(report.failure?.reason).toMatch(reason);
  expect(report.proof?.isRestored).toBe(true);
  expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
}

test.concurrent(
  'a deployment that is refused rolls back',
  rigs.on(async (rig) => {
    rig.control.fail('deployer.deploy', rejected('deploy: no such version'));
    const { handle } = await rig.start();
    await expectRolledBack(rig, handle.result(), /deploy: deploy: no such version/);
  }),
);

test.concurrent(
  'a canary that dies before it is ready rolls back with its own words',
  rigs.on(async (rig) => {
    rig.world.deployer.setReady('green', false);
    const { handle, reach } = await rig.start();
    await reach(() => rig.control.order(/deployer.deploy/).length > 0, 'deployed');
    rig.world.deployer.crash('green', 'port in use');
    await expectRolledBack(rig, handle.result(), /failed in slot green: port in use/);
  }),
);

test.concurrent(
  'a canary that never gets ready is given up in time, and an abort cuts the waiting short',
  rigs.on(async (rig) => {
    rig.world.deployer.setReady('green', false);
    const started = await rig.start();
    await started.reach(({ stage }) => stage === 'deploy', 'deploying');
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);

test.concurrent(
  'a wrong answer at 0 % rolls back before any user is exposed',
  rigs.on(async (rig) => {
    rig.world.answerChecksWith(500);
    const { handle } = await rig.start(settings);
    await expectRolledBack(rig, handle.result(), /fails 1 of 1 checks .* GET \/: answered 500, expected 200/);
    const weights = rig.control.calls.filter(({ name }) => name === 'traffic.writeSplit');
    expect(rig.control.order(/traffic.writeWeights/)).toEqual([]);
    expect(weights.every(({ args }) => (args[0] as { green: { weight: number } }).green.weight === 0)).toBe(true);
  }),
);

test.concurrent(
  'a canary that has stopped is undeployed all the same when the first try ended in between',
  rigs.on(async (rig) => {
    rig.world.answerChecksWith(500);
    let undeploys = 0;
    const isFirst = (): boolean => (undeploys += 1) === 1;
    rig.control.fail('deployer.undeploy', new PortError('TargetUnavailable', 'no answer'), isFirst);
    const { handle } = await rig.start();
    await expectRolledBack(rig, handle.result(), /fails 1 of 1 checks/);
    expect(await rig.world.deployer.status('green', 'shop')).toMatchObject({ state: 'absent' });
  }),
);

test.concurrent(
  'a migration that is refused undoes those before it, the newest first',
  rigs.on(async (rig) => {
    const isLater = ({ migration }: { migration: string }) => migration === '003';
    rig.control.fail('database.apply', rejected('003.sql: SQLSTATE 42P01'), isLater);
    const { handle } = await rig.start(migrations, files);
    await expectRolledBack(rig, handle.result(), /expand: 003.sql: SQLSTATE 42P01/);
    const undone = rig.control.calls.filter(({ name }) => name === 'database.undo');
    expect(undone.map(({ args }) => (args[0] as { key: string }).key)).toEqual([
      'migrate/003/expand',
      'migrate/002/expand',
    ]);
    expect(await rig.world.database.snapshot()).toEqual({});
  }),
);

test.concurrent(
  'data that is not as its check demands rolls back before the deployment',
  rigs.on(async (rig) => {
    rig.world.database.setViolations('002.check.sql', 3);
    const { handle } = await rig.start(migrations, files);
    await expectRolledBack(rig, handle.result(), /002.check.sql returns 3 rows at orders/);
    expect(rig.control.order(/deployer.deploy/)).toEqual([]);
  }),
);

test.concurrent(
  'everything is undone in the safe order: traffic, canary, settings, schema',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...everything, ...endless }, files);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    expect(rig.world.flags.all.get('two-names')).toBe(true);
    expect(rig.world.configuration.text('green')).toMatch(/"limit":\s*2/);
    const before = rig.control.calls.length;
    rig.world.breakSlot('green', 0.5);
    await expectRolledBack(rig, started.handle.result(), /http-errors/);
    const order = rig.control.calls
      .slice(before)
      .map(({ name }) => name)
      .filter((name) => /writeSplit|undeploy|restore|database.undo/.test(name));
    const first = (name: string) => order.findIndex((found) => found === name);
    expect(first('traffic.writeSplit')).toBe(0);
    expect(first('deployer.undeploy')).toBeGreaterThan(first('traffic.writeSplit'));
    expect(first('configuration.restore')).toBeGreaterThan(first('deployer.undeploy'));
    expect(first('database.undo')).toBeGreaterThan(first('deployer.undeploy'));
    expect([...rig.world.flags.all]).toEqual([]);
    expect(rig.world.configuration.text('green')).toBeUndefined();
    expect(rig.world.configuration.text('blue')).toBe('{"limit":1}');
  }),
);

test.concurrent(
  'configuration and flags are set dark, before the canary is deployed, and stay after promotion',
  rigs.on(async (rig) => {
    const { handle } = await rig.start(settings);
    expect((await handle.result()).ending).toBe('Promoted');
    const order = rig.control.order(/configuration.apply|flags.write|deployer.deploy$/);
    expect(order).toEqual(['configuration.apply', 'flags.write', 'flags.write', 'deployer.deploy']);
    expect(rig.world.flags.all.get('two-names')).toBe(true);
  }),
);

test.concurrent(
  'a fault in our own code keeps the release open, and it goes on when the fault is gone',
  rigs.on(async (rig) => {
    rig.control.fail('flags.write', new TypeError('undefined is not a function'));
    const started = await rig.start(settings);
    await started.reach(() => rig.control.order(/flags.write/).length >= 3, 'tried again and again');
    const { failure, stage } = await started.state();
    expect([failure, stage]).toEqual([undefined, 'configure']);
    rig.control.fail('flags.write', undefined);
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);
