import { PortError } from '../../src/ports/errors';
import { signals, updates } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';

const rigs = createRigs();
afterAll(rigs.close);

const oneStage = { stages: [{ canaryPercent: 25, bakeTime: '300ms', minRequests: 5 }] };
const queue = {
  ...oneStage,
  metrics: {
    'http-errors': { source: 'proxy', max: 'baseline + 0.5%' },
    queue: { source: 'prometheus', value: 'queue', max: 40 },
  },
};

test.concurrent(
  'too few requests hold the release visibly, and it goes on when they come',
  rigs.on(async (rig) => {
    rig.world.setLoad(0);
    const started = await rig.start({ ...oneStage, noData: { holdFor: '1h' } });
    await started.reach(({ watch }) => watch?.class === 'evidence', 'held for evidence');
    expect(await started.sentence()).toMatch(
      /^Held at 25 %: .*; next: goes on when there is evidence, or rolls back at .* UTC; anyone may abort/,
    );
    rig.world.setLoad(500);
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'evidence that never comes rolls back at the deadline, not before',
  rigs.on(async (rig) => {
    rig.world.setLoad(0);
    const started = await rig.start({ ...oneStage, noData: { holdFor: '2s' } });
    const held = await started.reach(({ watch }) => watch?.class === 'evidence', 'held for evidence');
    const { type } = await failureOf(started.handle.result());
    expect(type).toBe('RolledBack');
    const { failure } = await started.state();
    expect((failure?.atMs ?? 0) - (held.watch?.sinceMs ?? 0)).toBeGreaterThanOrEqual(1_000);
  }),
);

test.concurrent(
  'a metric that is missing holds with its reason, and the plan may say to hold for ever',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...queue, noData: { holdFor: '500ms', then: 'hold' } });
    const { watch } = await started.reach((state) => state.watch?.class === 'no-data', 'held for data');
    expect(watch?.reason).toMatch(/queue: no data, empty/);
    await started.reach((state) => Date.now() - (state.watch?.sinceMs ?? Infinity) > 1_200, 'well past the deadline');
    expect((await started.state()).failure).toBeUndefined();
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);

test.concurrent(
  'a metric that comes back lets the release go on',
  rigs.on(async (rig) => {
    const started = await rig.start({
      ...queue,
      noData: { holdFor: '1h' },
      fullExposure: { rollbackWindow: '200ms', minRequests: 5 },
    });
    await started.reach((state) => state.watch?.class === 'no-data', 'held for data');
    const feed = setInterval(() => rig.world.metrics.record('queue', 3), 100);
    try {
      expect((await started.handle.result()).ending).toBe('Promoted');
    } finally {
      clearInterval(feed);
    }
  }),
);

test.concurrent(
  'proxies that cannot be reached hold the release as missing data',
  rigs.on(async (rig) => {
    const started = await rig.start({
      ...oneStage,
      gates: { go: {} },
      fullExposure: { gate: 'go', rollbackWindow: '200ms', minRequests: 5 },
      noData: { holdFor: '1h' },
    });
    await started.reach(({ gates }) => gates['go'] !== undefined, 'gate open');
    rig.control.fail('traffic.read', new PortError('TargetUnavailable', 'no socket answers'));
    const { watch } = await started.reach((state) => state.watch?.class === 'no-data', 'held for data');
    expect(watch?.reason).toMatch(/no socket answers/);
    rig.control.fail('traffic.read', undefined);
    await started.reach((state) => state.watch?.class !== 'no-data', 'data is back');
    await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'go' })] });
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'weights that a reload lost while baking are set again, and the bake goes on',
  rigs.on(async (rig) => {
    const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '6s', minRequests: 5 }] });
    await started.reach(({ journal }) => journal.at(-1)?.detail?.includes('25 %') === true, 'exposed at 25 %');
    // The watch must have seen the weight before it can miss it.
    await started.reach(() => rig.control.order(/traffic\.read$/).length > 10, 'watched');
    const repair = rig.control.hold('traffic.writeSplit');
    rig.world.traffic.loseWeights();
    await repair.reached;
    expect((await started.state()).splitLost?.observed).toMatch(/"weight":0/);
    repair.release();
    await started.reach(({ splitLost }) => splitLost === undefined, 'the weights are set again');
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 25, state: 'ready' });
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'a repair of lost weights that is under way exposes nobody after an abort',
  rigs.on(async (rig) => {
    const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] });
    await started.reach(({ watch, stage }) => stage === 'expose-25' && watch === undefined, 'baking');
    await started.reach(() => rig.control.order(/traffic\.read$/).length > 10, 'watched');
    const repair = rig.control.hold('traffic.writeWeights', (shares: { green: number }) => shares.green === 25);
    rig.world.traffic.loseWeights();
    await repair.reached;
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ compensations }) => compensations['expose/shop']?.status === 'verified', 'traffic closed');
    repair.release();
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
  }),
);
