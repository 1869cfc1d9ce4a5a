import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, updates, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const inWindow = {
  stages: [],
  fullExposure: { holdbackPercent: 10, rollbackWindow: '8s', minRequests: 5 },
  notify: [{ to: 'chat' }],
};

/** The platform gives the baseline what it has at the start, and takes it away once users are on the canary. */
async function scaledDown(rig: Rig, started: Started): Promise<string> {
  await started.reach(
    ({ journal }) => journal.at(-1)?.effect === 'expose/shop' && journal.at(-1)?.state === 'done',
    'up',
  );
  rig.world.deployer.setCapacity('blue', { capacityRps: 5 });
  const { watch } = await started.reach((state) => state.watch?.class === 'baseline-capacity', 'held');
  return watch?.reason ?? '';
}
const reason = /^the baseline could not take its users back: it has capacity for 5 requests\/s and needs \d.*\(blue\)$/;

test.concurrent(
  'a baseline that is scaled down in the window holds the release, people are told, and it goes on with the capacity',
  rigs.on(async (rig) => {
    rig.world.deployer.setCapacity('blue', { capacityRps: 5_000 });
    const started = await rig.start(inWindow);
    expect(await scaledDown(rig, started)).toMatch(reason);
    expect(await started.sentence()).toMatch(/^Held at 90 %: the baseline could not take its users back/);
    await until('people are told', async () =>
      (await rig.world.store.takeOutbox(100, 1)).some(
        ({ notification }) => notification.kind === 'held' && /could not take its users back/.test(notification.text),
      ),
    );
    // Longer than the window.
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    const { phase, watch } = await started.state();
    expect([phase, watch?.class]).toEqual(['Releasing', 'baseline-capacity']);
    rig.world.deployer.setCapacity('blue', { capacityRps: 5_000 });
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'no approval opens a gate meanwhile, and an emergency goes back at once and says what the baseline lacked',
  rigs.on(async (rig) => {
    rig.world.deployer.setCapacity('blue', { capacityRps: 5_000 });
    const stages = [{ canaryPercent: 25, bakeTime: '200ms', minRequests: 5 }];
    const started = await rig.start({
      stages,
      gates: { full: {} },
      fullExposure: { ...inWindow.fullExposure, gate: 'full' },
    });
    await started.reach(({ gates }) => gates['full'] !== undefined, 'the gate');
    expect(await scaledDown(rig, started)).toMatch(reason);
    await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'full' })] });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await started.state()).stage).toBe('gate-full');
    await started.handle.signal(signals.abort, said('dee'));
    const { report } = await failureOf(started.handle.result());
    expect(report.sentence).toMatch(
      /when it turned back the baseline could not take its users back: it has capacity for 5 /,
    );
    expect(report.proof?.isRestored).toBe(true);
  }),
);

test.concurrent(
  'a platform that said nothing of a capacity at the start is not asked',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...inWindow, fullExposure: { ...inWindow.fullExposure, rollbackWindow: '4s' } });
    await started.reach(({ stage }) => stage === 'expose-full', 'in the window');
    rig.world.deployer.setCapacity('blue', { capacityPercent: 1 });
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);
