import type { Split } from '../../src/ports/traffic';
import type { Rig, Started } from '../support/release-rig';
import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { toldOf } from '../support/told';
import { until } from '../support/until';

const rigs = createRigs();
const continuing = createRigs(['limit.historyCount.suggestContinueAsNew=60']);
afterAll(async () => {
  await rigs.close();
  await continuing.close();
});

const two = {
  stages: [
    { canaryPercent: 5, bakeTime: '1h', minRequests: 5 },
    { canaryPercent: 25, bakeTime: '1h', minRequests: 5 },
  ],
  notify: [{ to: 'chat' }],
};
const split = (percent: number, state: 'ready' | 'maint' = 'ready'): Split => ({
  blue: { weight: 100 - percent, state: 'ready' },
  green: { weight: percent, state },
});

async function exposed(rig: Rig, change = {}): Promise<Started> {
  const started = await rig.start({ ...two, ...change });
  await started.reach(({ journal }) => journal.at(-1)?.detail?.includes('5 %') === true, 'exposed at 5 %');
  const looks = rig.control.order(/traffic\.read$/).length;
  // The watch must have seen the weight before it can miss it.
  await until('watched', () => rig.control.order(/traffic\.read$/).length > looks + 5);
  return started;
}
const writesSince = (rig: Rig, count: number): number => rig.control.order(/traffic\.write/).length - count;
const abort = async ({ handle }: Started): Promise<string> => {
  await handle.signal(signals.abort, said('dee'));
  return (await failureOf(handle.result())).type;
};

test.concurrent(
  'a canary that a person took out of service stays out: the release holds and tells people, and goes on when it is back',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    const writes = rig.control.order(/traffic\.write/).length;
    await rig.world.traffic.writeSplit(split(5, 'maint'));
    const { watch } = await started.reach((state) => state.watch?.class === 'taken-out', 'held');
    expect(watch?.reason).toMatch(/somebody took the canary out of service at the proxy/);
    expect(writesSince(rig, writes)).toBe(0);
    expect(await rig.world.traffic.readSplit()).toEqual(split(5, 'maint'));
    await until('people are told', async () => (await toldOf(rig, /took the canary out of service/)).length > 0);
    await rig.world.traffic.writeSplit(split(5));
    await started.reach((state) => state.watch?.class === 'baking', 'it goes on');
    expect(await abort(started)).toBe('Aborted');
  }),
);

test.concurrent(
  'a canary that stays out of service ends as missing evidence does',
  rigs.on(async (rig) => {
    const started = await exposed(rig, { noData: { holdFor: '1s', then: 'roll-back' } });
    await rig.world.traffic.writeSplit(split(5, 'maint'));
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'NoData', true]);
    expect(report.failure?.reason).toMatch(/out of service/);
  }),
);

test.concurrent(
  'the weight of a stage that nobody began is set back, and told as the work of another hand',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await rig.world.traffic.writeSplit(split(25));
    await until('it is set back', async () => (await rig.world.traffic.readSplit()).green.weight === 5);
    await started.reach(({ splitLost }) => splitLost === undefined, 'the loss is over');
    const { stage, stages } = await started.state();
    expect([stage, stages.find(({ id }) => id === 'expose-25')?.state]).toEqual(['expose-5', 'waiting']);
    await until(
      'people are told',
      async () => (await toldOf(rig, /something else changed the weights at the proxy/)).length > 0,
    );
    expect(await abort(started)).toBe('Aborted');
  }),
);

test.concurrent(
  'weights that are changed while a new run begins are set back by that run',
  continuing.on(async (rig) => {
    const started = await exposed(rig);
    const heartbeat = rig.control.hold('temporal.lastHeartbeat');
    const next = continueOnce(rig.client, started.handle.workflowId);
    await heartbeat.reached;
    const repair = rig.control.hold('traffic.writeWeights');
    await rig.world.traffic.writeSplit(split(25));
    await started.reach(({ splitLost }) => splitLost !== undefined, 'the run that ends begins to set them back');
    heartbeat.release();
    await next;
    repair.release();
    await until('they are set back', async () => (await rig.world.traffic.readSplit()).green.weight === 5);
    await started.reach(({ splitLost }) => splitLost === undefined, 'nothing is left of the loss');
    await rig.world.traffic.writeSplit(split(25));
    await until('a second change is, too', async () => (await rig.world.traffic.readSplit()).green.weight === 5);
    expect(await abort(started)).toBe('Aborted');
  }),
);
