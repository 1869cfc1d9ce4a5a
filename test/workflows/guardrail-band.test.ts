import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

const query = (what: string, slot: string): string => `${what}{slot="${slot}"}`;
const metrics = {
  answers: { source: 'prometheus', bad: query('bad', '$slot'), total: query('total', '$slot'), max: '1%' },
};

/** Counters of both slots that grow all the time; the share of bad answers of the baseline may be changed. */
function feed({ world }: Rig) {
  const counted = { total: 0, bad: 0 };
  let share = 0;
  const timer = setInterval(() => {
    counted.total += 10;
    counted.bad += 10 * share;
    for (const slot of ['blue', 'green']) {
      world.metrics.record(query('total', slot), counted.total);
      world.metrics.record(query('bad', slot), slot === 'blue' ? counted.bad : 0);
    }
  }, 50);
  return { sicken: (to: number) => void (share = to), stop: () => clearInterval(timer) };
}

const object = 'guardrail answers of the baseline';

/** A release that is exposed, then aborted once `trouble` has begun. */
async function aborted(rig: Rig, trouble: () => void): Promise<Started> {
  const started = await rig.start({ ...endless, metrics });
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  trouble();
  await started.handle.signal(signals.abort, said('dee'));
  return started;
}

const fed = (play: (rig: Rig, feeding: ReturnType<typeof feed>) => Promise<void>) =>
  rigs.on(async (rig) => {
    const feeding = feed(rig);
    try {
      await play(rig, feeding);
    } finally {
      feeding.stop();
    }
  });

test.concurrent(
  'a rollback is proved with the guardrails of the baseline in band',
  fed(async (rig) => {
    const started = await aborted(rig, () => undefined);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(report.proof?.lines.find((line) => line.object === object)).toMatchObject({
      expected: 'at most 2.00 % for 200ms',
      observed: expect.stringMatching(/^0\.00 % of \d+/) as string,
      isEqual: true,
    });
    expect(report.proof).not.toHaveProperty('notShown');
  }),
);

test.concurrent(
  'a rollback is not proved while a guardrail of the baseline is out of band, and is when that is over',
  fed(async (rig, { sicken }) => {
    const started = await aborted(rig, () => sicken(0.5));
    const { compensations } = await started.reach((state) => state.compensations['proof']?.status === 'stuck', 'stuck');
    expect(compensations['proof']?.detail).toMatch(
      /guardrail answers of the baseline: expected at most 2.00 % for 200ms, found [\d.]+ % of/,
    );
    // Nobody waits for a metric: everything is undone.
    expect((await rig.world.traffic.readSplit()).green.weight).toBe(0);
    expect(compensations['deploy/shop']?.status).toBe('verified');
    sicken(0);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
  }),
);

/** Metrics of a world, once told to, that are asked and never answer. */
function hang({ metrics: port }: Rig['world']): void {
  const never = () => new Promise<never>(() => undefined);
  Object.assign(port, { value: never, increase: never });
}

test.concurrent.each<[string, (rig: Rig) => void, RegExp]>([
  ['does not answer', ({ world }) => world.metrics.fail('unreachable'), /: prometheus does not answer \(/],
  ['hangs', ({ world }) => hang(world), /: prometheus does not answer \(no answer within 3s\)/],
  ['has no samples', ({ world }) => world.metrics.fail('stale'), /: stale \(/],
])('a rollback is proved while Prometheus %s: what is not shown is named and not in band', (_what, trouble, why) =>
  fed(async (rig) => {
    const started = await aborted(rig, () => trouble(rig));
    const { type, report } = await failureOf(started.handle.result());
    expect(type).toBe('Aborted');
    const notShown = [{ object, why: expect.stringMatching(why) as string }];
    expect(report.proof).toMatchObject({ isRestored: true, notShown });
    expect(report.proof?.lines.map((line) => line.object)).not.toContain(object);
    expect(report.sentence).toMatch(/proved restored; not shown: guardrail answers of the baseline: could not be read/);
    expect(report.undone.every(({ status }) => status !== 'stuck')).toBe(true);
  })(),
);
