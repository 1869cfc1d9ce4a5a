import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { ownersDecide } from '../support/owners-decide';
import { signals } from '../support/release-rig';
import { ofDrift, toldOf } from '../support/told';
import { after, before, exposed, flag, startUnleashWorld, type UnleashWorld } from '../support/unleash-release';
import { until } from '../support/until';

jest.setTimeout(120_000);

let world: UnleashWorld;
beforeAll(async () => {
  world = await startUnleashWorld();
});
afterAll(() => world?.close());

it('a flag that somebody switches off in Unleash is set again as a whole, and people are told', async () => {
  await world.withRelease(async (rig, begin) => {
    const { handle, reach } = await exposed(begin);
    await world.turnOff();
    const { drifts } = await reach(({ drifts }) => drifts?.[flag]?.endedAtMs !== undefined, 'drift is over');
    expect(drifts?.[flag]?.count).toBe(1);
    expect(await world.stands()).toEqual(await world.asWritten(after));
    await until('people are told', async () => (await toldOf(rig, ofDrift)).length > 0);
    const told = await toldOf(rig, ofDrift);
    expect(told).toEqual([
      expect.stringMatching(/changed what flag\/switches\/two-names set: found .*; it is set again/),
    ]);
    await handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(await world.stands()).toEqual(await world.asWritten(before));
  });
});

it('a flag whose strategies somebody changes in Unleash is left to its owners where policy says so', async () => {
  await world.withRelease(async (rig, begin) => {
    const { handle, reach, sentence } = await exposed(begin);
    const theirs = { enabled: true, strategies: [...before.strategies].reverse() };
    await world.flags.write('two-names', theirs);
    await reach(({ drifts }) => drifts?.[flag]?.count === 1, 'drift is found');
    expect(await sentence()).toMatch(/it is left to its owners/);
    await until('people are told', async () => (await toldOf(rig, ofDrift)).length > 0);
    const looks = rig.control.order(/^flags\.read$/).length;
    await until('it is looked at again', () => rig.control.order(/^flags\.read$/).length > looks + 2);
    expect(await world.stands()).toEqual(await world.asWritten(theirs));
    await world.flags.write('two-names', after);
    await reach(({ drifts }) => drifts?.[flag]?.endedAtMs !== undefined, 'drift is over');
    await handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(await world.stands()).toEqual(await world.asWritten(before));
  }, ownersDecide);
});
