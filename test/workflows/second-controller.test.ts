import type { Split } from '../../src/ports/traffic';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { ownersDecide } from '../support/owners-decide';
import { toldOf } from '../support/told';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const split = (percent: number): Split => ({
  blue: { weight: 100 - percent, state: 'ready' },
  green: { weight: percent, state: 'ready' },
});
const stages = [{ canaryPercent: 5, bakeTime: '1h', minRequests: 5 }];

async function exposed(rig: Rig): Promise<Started> {
  const started = await rig.start({ stages, notify: [{ to: 'chat' }] });
  await started.reach(({ journal }) => journal.at(-1)?.detail?.includes('5 %') === true, 'exposed at 5 %');
  const looks = rig.control.order(/traffic\.read$/).length;
  // The watch must have seen the weight before it can miss it.
  await until('watched', () => rig.control.order(/traffic\.read$/).length > looks + 5);
  return started;
}

/** Writes again as soon as its weights are gone, until the release has got so far. */
async function fight(rig: Rig, { reach }: Started, isEnough: Parameters<Started['reach']>[0], write: () => unknown) {
  const timer = setInterval(() => {
    void rig.world.traffic.readSplit().then(({ green }) => (green.weight === 5 ? write() : undefined));
  }, 50);
  try {
    return await reach(isEnough, 'it had enough');
  } finally {
    clearInterval(timer);
  }
}

test.concurrent(
  'a second controller that keeps writing weights turns the release back, with what it found',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    const { otherWriter } = await fight(
      rig,
      started,
      ({ failure }) => failure !== undefined,
      () => rig.world.traffic.writeWeights({ blue: 60, green: 40 }),
    );
    expect(otherWriter?.count).toBe(3);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'SecondController', true]);
    expect(report.failure?.reason).toMatch(
      /second controller writes the split at edge: 3 times in this stage.*"green":\{"weight":40.*wanted 5 % on green/,
    );
  }),
);

test.concurrent(
  'where policy says so its weights are set again without end, and people are told of it once',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await fight(
      rig,
      started,
      ({ otherWriter }) => (otherWriter?.count ?? 0) >= 4,
      () => rig.world.traffic.writeSplit(split(40)),
    );
    await until('it is set again', async () => (await rig.world.traffic.readSplit()).green.weight === 5);
    await started.reach(({ splitLost }) => splitLost === undefined, 'the loss is over');
    expect(await started.sentence()).toMatch(/A second controller writes the split at edge: \d times/);
    const ofController = /^A second controller writes the split/;
    await until('people are told', async () => (await toldOf(rig, ofController)).length === 1);
    expect(await toldOf(rig, /something else changed the weights at the proxy/)).toHaveLength(2);
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
    expect(await toldOf(rig, ofController)).toHaveLength(1);
  }, ownersDecide),
);

test.concurrent(
  'a proxy that keeps losing its weights by restarts is no second controller',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    for (const lose of ['loseWeights', 'restart', 'loseWeights', 'restart'] as const) {
      const looks = rig.control.order(/traffic\.read$/).length;
      rig.world.traffic[lose]();
      await until('it is set again', async () => (await rig.world.traffic.readSplit()).green.weight === 5);
      // Seen as it was set, or the next loss would be the same one.
      await until('watched', () => rig.control.order(/traffic\.read$/).length > looks + 8);
      await started.reach(({ splitLost }) => splitLost === undefined, 'the loss is over');
    }
    const { failure, otherWriter } = await started.state();
    expect([failure, otherWriter]).toEqual([undefined, undefined]);
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);
