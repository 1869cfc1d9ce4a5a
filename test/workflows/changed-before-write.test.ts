import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { updates, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { policySchema } from '../../src/core/policy/schema';

const rigs = createRigs();
afterAll(rigs.close);

const settings = { configuration: [{ set: { limit: 2 } }], flags: [{ flag: 'two-names', value: true }] };
const asking = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'asking',
  roles: { lead: ['ada'] },
  combinations: { unexercised: 'gate' },
});

const changes: readonly [string, (rig: Rig) => Promise<unknown>, (rig: Rig) => Promise<unknown>, unknown][] = [
  [
    'a flag',
    ({ world }) => world.flags.write('two-names', 'by hand'),
    ({ world }) => world.flags.read('two-names'),
    'by hand',
  ],
  [
    'the configuration of the free slot',
    ({ world }) => Promise.resolve(world.configuration.setText('green', '{"limit":7}')),
    ({ world }) => Promise.resolve(world.configuration.text('green')),
    '{"limit":7}',
  ],
];

test.concurrent.each(changes)(
  'what somebody changes between the snapshot and the write is left alone, and the release turns back: %s',
  async (_what, change, read, left) => {
    await rigs.on(async (rig) => {
      const started = await rig.start(settings);
      await started.reach(({ gates }) => 'policy-combinations' in gates, 'the gate');
      await change(rig);
      await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'policy-combinations' })] });
      const { type, report } = await failureOf(started.handle.result());
      expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'EffectFailed', true]);
      expect(report.failure?.reason).toMatch(/was changed by somebody else since the release took its snapshot/);
      expect(await read(rig)).toEqual(left);
      expect(report.proof?.drift.length).toBeGreaterThan(0);
    }, asking)();
  },
);
