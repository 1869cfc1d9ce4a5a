import type { Asker } from '../../src/core/cohorts/asker';
import type { Split } from '../../src/ports/traffic';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const early = { cohort: 'early-adopters', bakeTime: '300ms', minRequests: 5 };
const partners = { cohort: 'partners', canaryPercent: 50, bakeTime: '300ms', minRequests: 5 };
const untilAborted = { ...endless, cohorts: [{ ...early, bakeTime: '1h' }] };
const atCohort = (rig: Rig) =>
  until(
    'the cohort is exposed',
    async () => (await rig.world.traffic.readSplit()).members?.['tenant/acme'] !== undefined,
  );
const closed: Split = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };

test.concurrent(
  'tenants of a cohort get the canary first and keep it, everybody follows, and nobody is left by name',
  rigs.on(async (rig) => {
    const started = await rig.start({ cohorts: [early, partners] });
    await started.reach(({ stage }) => stage === 'expose-partners-50', 'the second cohort');
    await until(
      'both are exposed',
      async () => (await rig.world.traffic.readSplit()).members?.['tenant/globex'] !== undefined,
    );
    expect(await rig.world.traffic.readSplit()).toMatchObject({
      green: { weight: 0, state: 'ready' },
      members: { 'tenant/acme': { green: 100 }, 'tenant/globex': { green: 50 } },
    });
    await started.reach(({ stage }) => stage === 'expose-5', 'everybody');
    await until('5 %', async () => (await rig.world.traffic.readSplit()).green.weight === 5);
    expect((await rig.world.traffic.readSplit()).members).toMatchObject({ 'tenant/acme': { green: 100 } });
    expect((await started.handle.result()).ending).toBe('Promoted');
    expect(await rig.world.traffic.readSplit()).toEqual({
      blue: { weight: 0, state: 'maint' },
      green: { weight: 100, state: 'ready' },
    });
  }),
);

test.concurrent(
  'a tenant outside who sees the canary turns the release back',
  rigs.on(async (rig) => {
    const started = await rig.start(untilAborted);
    await atCohort(rig);
    rig.world.traffic.misroute('tenant/initech', 'green');
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code]).toEqual(['RolledBack', 'GuardrailBroken']);
    expect(report.failure?.reason).toBe(
      'cohort-leak: tenant/initech is in no cohort of this release and sees the canary',
    );
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
  }),
);

test.concurrent.each<[string, (asker: Asker) => boolean, RegExp]>([
  [
    'a request that says nothing of itself',
    ({ member }) => member === undefined,
    /^cohort-leak: a request without tenant is in no cohort of this release and sees the canary$/,
  ],
  [
    'a tenant whom no list names',
    ({ member = '' }) => /^tenant\/u[0-9a-f]+$/.test(member),
    /^cohort-leak: tenant\/u[0-9a-f]{16}, which no list names, is in no cohort of this release and sees the canary$/,
  ],
])('%s and sees the canary turns the release back, too', (_, isMisled, reason) =>
  rigs.on(async (rig) => {
    const started = await rig.start(untilAborted);
    await atCohort(rig);
    rig.world.traffic.misroute(isMisled, 'green');
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code]).toEqual(['RolledBack', 'GuardrailBroken']);
    expect(report.failure?.reason).toMatch(reason);
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
  })(),
);

test.concurrent(
  'a broken canary is closed for the tenants of a cohort, too',
  rigs.on(async (rig) => {
    const started = await rig.start(untilAborted);
    await atCohort(rig);
    rig.world.breakSlot('green', 0.5);
    expect((await failureOf(started.handle.result())).type).toBe('RolledBack');
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
  }),
);

test.concurrent(
  'a map that a proxy lost is set again',
  rigs.on(async (rig) => {
    const started = await rig.start(untilAborted);
    await atCohort(rig);
    // The watch must have seen the cohort before it can miss it.
    await until('watched', () => rig.control.order(/traffic\.read$/).length > 10);
    const repair = rig.control.hold('traffic.writeWeights');
    rig.world.traffic.restart();
    await repair.reached;
    expect((await started.state()).splitLost).toBeDefined();
    repair.release();
    await started.reach(({ splitLost }) => splitLost === undefined, 'the map is set again');
    expect((await rig.world.traffic.readSplit()).members).toEqual({ 'tenant/acme': { blue: 0, green: 100 } });
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);

test.concurrent(
  'a map that somebody emptied is set again, and a tenant who does not see the canary is no good news',
  rigs.on(async (rig) => {
    const started = await rig.start(untilAborted);
    await atCohort(rig);
    await until('watched', () => rig.control.order(/traffic\.read$/).length > 10);
    await rig.world.traffic.writeWeights({ blue: 100, green: 0 }, { members: {} });
    await until('set again', async () => (await rig.world.traffic.readSplit()).members !== undefined);
    rig.world.traffic.misroute('tenant/acme', 'blue');
    await started.reach(({ watch }) => watch?.class === 'no-data', 'held');
    expect((await started.state()).watch?.reason).toMatch(/the probe does not see it as tenant\/acme/);
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);

test.concurrent(
  'what one of several proxies lost is set again without taking the canary from users of another',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...endless, stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] });
    await until('25 %', async () => (await rig.world.traffic.readSplit()).green.weight === 25);
    await until('watched', () => rig.control.order(/traffic\.read$/).length > 10);
    const before = rig.control.calls.length;
    const repair = rig.control.hold('traffic.writeSplit');
    rig.world.traffic.disagree(closed);
    await repair.reached;
    repair.release();
    await started.reach(({ splitLost }) => splitLost === undefined, 'set again');
    const written = rig.control.calls.slice(before).filter(({ name }) => name === 'traffic.writeSplit');
    expect(written.map(({ args }) => args[0])).toEqual([
      { blue: { weight: 75, state: 'ready' }, green: { weight: 25, state: 'ready' } },
    ]);
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);

test.concurrent(
  'a drain takes the tenants of a cohort back step by step, and none of them rises',
  rigs.on(async (rig) => {
    const drain = { every: '200ms', sessions: '400ms' };
    const started = await rig.start({ ...untilAborted, rollback: { onAbort: 'drain', backInBand: '200ms', drain } });
    await atCohort(rig);
    const seen: number[] = [];
    const timer = setInterval(() => {
      void rig.world.traffic.readSplit().then((split) => seen.push(split.members?.['tenant/acme']?.green ?? 0));
    }, 20);
    await started.handle.signal(signals.abort, said('dee'));
    const failure = await failureOf(started.handle.result());
    clearInterval(timer);
    expect(failure.type).toBe('Aborted');
    expect(seen).toEqual([...seen].sort((one, other) => other - one));
    expect(seen).toEqual(expect.arrayContaining([100, 50, 25]));
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
  }),
);

test.concurrent(
  'nothing begins where somebody is served by name already, or a probe is misled',
  rigs.on(async (rig) => {
    await rig.world.traffic.writeSplit({
      blue: { weight: 100, state: 'ready' },
      green: { weight: 0, state: 'maint' },
      members: { 'tenant/acme': { blue: 0, green: 100 } },
    });
    const named = await failureOf((await rig.start(untilAborted)).handle.result());
    expect(named.report.refusals[0]?.message).toMatch(
      /somebody is sent by shares of their own although no release runs; members tenant\/acme/,
    );
    await rig.world.traffic.writeSplit({ blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } });
    rig.world.traffic.misroute('tenant/globex', 'green');
    const misled = await failureOf((await rig.start(untilAborted)).handle.result());
    expect(misled.report.refusals[0]?.message).toMatch(/tenant\/globex is served by green although blue alone serves/);
  }),
);
