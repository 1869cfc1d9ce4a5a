import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const inWindow = {
  stages: [],
  fullExposure: { holdbackPercent: 10, rollbackWindow: '3s', minRequests: 5 },
  noData: { holdFor: '1s', then: 'roll-back' },
  notify: [{ to: 'chat' }],
};

async function held(rig: Rig, started: Started): Promise<string> {
  const { watch } = await started.reach((state) => state.watch?.class === 'baseline-silent', 'held');
  await until('people are told', async () =>
    (await rig.world.store.takeOutbox(100, 1)).some(
      ({ notification }) => notification.kind === 'held' && /baseline does not answer/.test(notification.text),
    ),
  );
  return watch?.reason ?? '';
}
const isStillHeld = async ({ state }: Started): Promise<boolean> => {
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const { phase, failure, watch } = await state();
  return phase === 'Releasing' && failure === undefined && watch?.class === 'baseline-silent';
};
const fullyExposed = (started: Started) =>
  started.reach(({ stage, journal }) => stage === 'expose-full' && journal.at(-1)?.state === 'done', 'in the window');

test.concurrent(
  'a holdback that fails every request holds the release in its window, however long, and is promoted on only when it answers',
  rigs.on(async (rig) => {
    const started = await rig.start(inWindow);
    await fullyExposed(started);
    rig.world.breakSlot('blue', 1);
    expect(await held(rig, started)).toMatch(
      /^the baseline does not answer: all of its last \d+ requests failed \(blue\)$/,
    );
    expect(await isStillHeld(started)).toBe(true);
    rig.world.breakSlot('blue', 0);
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'a baseline that the proxy finds down holds the release, and no rollback is called proved before it is up',
  rigs.on(async (rig) => {
    const started = await rig.start(inWindow);
    await fullyExposed(started);
    rig.world.traffic.checkHealth('blue', true);
    expect(await held(rig, started)).toMatch(/the health checks of the proxy find it down/);
    expect(await isStillHeld(started)).toBe(true);
    await started.handle.signal(signals.abort, said('dee'));
    const { compensations } = await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'not proved');
    expect(compensations['proof']?.detail).toMatch(/errors of the baseline: .*the proxy finds it down/);
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
    rig.world.traffic.checkHealth('blue', false);
    await started.handle.signal(signals.retry, said('ada'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);

test.concurrent(
  'a canary that is worse than an absolute limit is closed beside a silent baseline, too',
  rigs.on(async (rig) => {
    const metrics = { errors: { source: 'proxy', max: '5%' } };
    const fullExposure = { ...inWindow.fullExposure, rollbackWindow: '1h' };
    const started = await rig.start({ ...inWindow, fullExposure, metrics });
    await fullyExposed(started);
    rig.world.breakSlot('blue', 1);
    await held(rig, started);
    rig.world.breakSlot('green', 0.5);
    await started.reach(({ failure }) => failure?.code === 'GuardrailBroken', 'turned back');
    await until('closed', async () => (await rig.world.traffic.readSplit()).green.state === 'maint');
    rig.world.breakSlot('blue', 0);
    expect((await failureOf(started.handle.result())).type).toBe('RolledBack');
  }),
);

test.concurrent(
  'nothing is released over a baseline that fails',
  rigs.on(async (rig) => {
    rig.world.breakSlot('blue', 1);
    const started = await rig.start(inWindow);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.refusals.map(({ code }) => code)]).toEqual(['Refused', ['baseline-unhealthy']]);
  }),
);
