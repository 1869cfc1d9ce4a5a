import { PortError } from '../../src/ports/errors';
import { policySchema } from '../../src/core/policy/schema';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { switchFiles as files, switching } from '../support/shop-release';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const stages = [{ canaryPercent: 25, bakeTime: '300ms', minRequests: 10 }];
const isSwitch = ({ part }: { part: string }): boolean => part === 'switch';
const undone = (rig: Rig) =>
  rig.control.calls
    .filter(({ name }) => name === 'database.undo')
    .map(({ args }) => (args[0] as { part: string }).part);

test.concurrent(
  'a switch runs when the last partial stage is over and before everybody is on the canary',
  rigs.on(async (rig) => {
    const held = rig.control.hold('database.apply', isSwitch);
    const { handle, state } = await rig.start({ ...switching, stages }, files);
    await held.reached;
    expect((await rig.world.traffic.readSplit()).green.weight).toBe(25);
    held.release();
    await handle.result();
    const done = (await state()).stages.map(({ id }) => id);
    expect(done.slice(done.indexOf('switch') - 1)).toEqual([
      'expose-25',
      'switch',
      'verify-switch',
      'expose-full',
      'promote',
    ]);
  }),
);

test.concurrent(
  'a breach in a slow switch brings users back at once; the switch is undone when the canary has stopped, before the rest',
  rigs.on(async (rig) => {
    const held = rig.control.hold('database.apply', isSwitch);
    const started = await rig.start({ ...switching, stages }, files);
    await held.reached;
    rig.world.breakSlot('green', 0.5);
    await until('nobody is on the canary', async () => (await rig.world.traffic.readSplit()).green.weight === 0);
    expect((await started.state()).compensations['migrate/002/switch']?.status).toBe('pending');
    expect(undone(rig)).toEqual([]);
    held.release();
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
    const order = rig.control.order(/deployer.undeploy|database.undo/);
    expect(order.indexOf('deployer.undeploy')).toBeLessThan(order.indexOf('database.undo'));
    expect(undone(rig)).toEqual(['switch', 'backfill', 'expand']);
  }),
);

test.concurrent(
  'an abort in a slow switch acts at once, and a switch that fails turns the release back',
  rigs.on(async (rig) => {
    const held = rig.control.hold('database.apply', isSwitch);
    const started = await rig.start({ ...switching, stages }, files);
    await held.reached;
    await started.handle.signal(signals.abort, said('dee'));
    await until('nobody is on the canary', async () => (await rig.world.traffic.readSplit()).green.weight === 0);
    held.release();
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
    rig.control.fail('database.apply', new PortError('Rejected', 'no such trigger'), isSwitch);
    const again = await rig.start({ ...switching, stages }, files);
    const { type, report } = await failureOf(again.handle.result());
    expect([type, report.failure?.reason]).toEqual(['RolledBack', 'switch: no such trigger']);
  }),
);

const shortLease = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'short-lease',
  lease: { duration: '1s' },
});

test.concurrent(
  'a switch that takes longer than the lease keeps it: the watch renews it all the while',
  rigs.on(async (rig) => {
    const held = rig.control.hold('database.apply', isSwitch);
    const { handle } = await rig.start({ ...switching, stages }, files);
    await held.reached;
    const lease = () => rig.world.sentinel.record('edge');
    const first = lease();
    await until('the lease was renewed beyond its first term', () => {
      const now = lease();
      return Promise.resolve(
        now?.state === 'held' && first?.state === 'held' && now.expiresAtMs > first.expiresAtMs + 1_500,
      );
    });
    expect((await rig.world.traffic.readSplit()).green.weight).toBe(25);
    held.release();
    expect((await handle.result()).ending).toBe('Promoted');
  }, shortLease),
);
