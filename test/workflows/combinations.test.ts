import { paintAll } from '../../src/cli/render/line';
import { releaseTree } from '../../src/cli/render/release-tree';
import type { CombinationAnswer } from '../../src/core/combinations/setting';
import { policySchema, type Policy } from '../../src/core/policy/schema';
import { renderDetails } from '../../src/core/release/details';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { updates, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { settings } from '../support/shop-release';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const answering = (unexercised: CombinationAnswer): Policy =>
  policySchema.parse({
    apiVersion: 'spillway/v1',
    kind: 'policy',
    name: 'paired',
    roles: { lead: ['ada'] },
    combinations: { unexercised, from: ['lead'] },
  });
const gate = 'policy-combinations';
const isOpen = ({ gates }: { gates: object }): boolean => gate in gates;
const written = (rig: Rig) => rig.control.order(/flags.write|configuration.apply/);

const untilTold = (rig: Rig): Promise<void> =>
  until('the store has the promotion', async () => {
    return (await rig.world.store.promotedSettings(rig.environment, 'shop', 1)).length === 1;
  });

async function promoteOnce(rig: Rig): Promise<void> {
  const started = await rig.start(settings);
  await started.reach(isOpen, 'the gate');
  await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate })] });
  expect((await started.handle.result()).ending).toBe('Promoted');
  await untilTold(rig);
}

/** The world as it was before the first promotion, as a rollback by hand would leave it. */
async function backToBefore({ world }: Rig): Promise<void> {
  await world.flags.write('two-names', undefined);
  await world.flags.write('stop-checkout', undefined);
  world.configuration.setText('green', '{"limit":1}');
}

test.concurrent(
  'a release waits for people before it sets what nobody had together, and not again once it was promoted',
  rigs.on(async (rig) => {
    const started = await rig.start(settings);
    await started.reach(isOpen, 'the gate');
    expect(await started.sentence()).toContain(
      'gate policy-combinations needs 1 approval of lead: 8 combinations of flags and configuration were never exercised',
    );
    expect(written(rig)).toEqual([]);
    const state = await started.state();
    const told = releaseTree({ workflowId: started.handle.workflowId, state, nowMs: Date.now(), width: 200 });
    for (const text of [
      paintAll(told, { width: 200, isColored: false, isCut: false }).join('\n'),
      renderDetails(state),
    ])
      expect(text).toContain('flag two-names = true with kill switch stop-checkout = false: once both are set.');
    await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate })] });
    expect((await started.handle.result()).ending).toBe('Promoted');
    await untilTold(rig);
    // The same values are in service now: nothing new is met.
    const again = await rig.start({ ...settings, version: '3.0.0' });
    expect((await again.handle.result()).ending).toBe('Promoted');
    expect((await again.state()).gates).toEqual({});
  }, answering('gate')),
);

test.concurrent(
  'what was promoted is let through without its gate from the same start, but for what a way back would show',
  rigs.on(async (rig) => {
    await promoteOnce(rig);
    await backToBefore(rig);
    const again = await rig.start({ ...settings, version: '3.0.0' });
    const { sealed } = await again.reach(isOpen, 'the gate');
    expect(sealed?.plan.combinations?.unexercised.shown).toEqual([
      'flag two-names as it is now (not there) with kill switch stop-checkout = false: while flags are set or given back.',
      'kill switch stop-checkout as it is now (not there) with limit of limits = 2: on the canary, when the release turns back.',
    ]);
  }, answering('gate')),
);

test.concurrent(
  'a release is refused, before anything changes, where the policy says so',
  rigs.on(async (rig) => {
    const { handle } = await rig.start(settings);
    const { type, report } = await failureOf(handle.result());
    expect([type, report.refusals[0]?.code]).toEqual(['Refused', 'combination-unexercised']);
    expect(written(rig)).toEqual([]);
  }, answering('refuse')),
);

test.concurrent(
  'an earlier promotion that the store cannot tell counts for nothing',
  rigs.on(async (rig) => {
    await promoteOnce(rig);
    await backToBefore(rig);
    rig.world.store.setDown(true);
    const again = await rig.start({ ...settings, version: '3.0.0' });
    const { sealed } = await again.reach(isOpen, 'the gate');
    rig.world.store.setDown(false);
    expect(sealed?.plan.combinations).toMatchObject({ unexercised: { count: 8 } });
    expect(sealed?.plan.combinations?.notKnown).toEqual([
      expect.stringContaining('What earlier releases exercised is not known: '),
    ]);
  }, answering('gate')),
);

test.concurrent(
  'a setting that somebody changes between plan and preflight refuses the release: other pairs were checked',
  rigs.on(async (rig) => {
    rig.control.alter('configuration.read', (found: ReadonlyMap<string, unknown>) => {
      rig.world.configuration.setText('blue', '{"limit":7}');
      return found;
    });
    const { handle } = await rig.start(settings);
    const { type, report } = await failureOf(handle.result());
    expect([type, report.refusals[0]?.code]).toEqual(['Refused', 'plan-changed']);
    expect(report.refusals[0]?.message).toContain('limit of limits');
    expect(written(rig)).toEqual([]);
  }, answering('gate')),
);

test.concurrent(
  'configuration that does not answer while the plan is made is told as not known',
  rigs.on(async (rig) => {
    const held = rig.control.hold('configuration.read');
    const started = await rig.start(settings);
    await held.reached;
    const { sealed } = await started.reach(({ sealed: plan }) => plan !== undefined, 'a plan');
    held.release();
    expect(sealed?.plan.combinations?.notKnown).toEqual([
      'What limits has for the baseline now is not known: limits did not answer within 2.5 s',
    ]);
    expect((await started.handle.result()).ending).toBe('Promoted');
  }, answering('show')),
);
