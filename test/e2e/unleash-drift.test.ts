import { policySchema } from '../../src/core/policy/schema';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals } from '../support/release-rig';
import {
  after,
  before,
  effectOf,
  exposed,
  startUnleashWorld,
  toldBy,
  type UnleashWorld,
} from '../support/unleash-release';
import { until } from '../support/until';

jest.setTimeout(120_000);

let world: UnleashWorld;
beforeAll(async () => {
  world = await startUnleashWorld();
});
afterAll(() => world?.close());

const flag = effectOf('two-names');
const tellOwners = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'owners-decide',
  drift: { flags: 'tell', configuration: 'tell' },
});

/** How the flag stands, as Spillway writes it down. */
const stands = (): Promise<unknown> => world.flags.read('two-names');
const asWritten = (value: object): Promise<unknown> =>
  world.flags.foretell('two-names', { found: undefined, value: value as never });

it('a flag that somebody switches off in Unleash is set again as a whole, and people are told', async () => {
  await world.withRelease(async (rig, begin) => {
    const { handle, reach } = await exposed(begin);
    await world.turnOff();
    const { drifts } = await reach(({ drifts }) => drifts?.[flag]?.endedAtMs !== undefined, 'drift is over');
    expect(drifts?.[flag]?.count).toBe(1);
    expect(await stands()).toEqual(await asWritten(after));
    await until('people are told', async () => (await toldBy(rig)).some((text) => /^Somebody else changed/.test(text)));
    const told = (await toldBy(rig)).filter((text) => text.startsWith('Somebody else'));
    expect(told).toEqual([
      expect.stringMatching(/changed what flag\/switches\/two-names set: found .*; it is set again/),
    ]);
    await handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(await stands()).toEqual(await asWritten(before));
  });
});

it('a flag whose strategies somebody changes in Unleash is left to its owners where policy says so', async () => {
  await world.withRelease(async (rig, begin) => {
    const { handle, reach, sentence } = await exposed(begin);
    const theirs = { enabled: true, strategies: [...before.strategies].reverse() };
    await world.flags.write('two-names', theirs);
    await reach(({ drifts }) => drifts?.[flag]?.count === 1, 'drift is found');
    expect(await sentence()).toMatch(/it is left to its owners/);
    await until('people are told', async () => (await toldBy(rig)).some((text) => /^Somebody else changed/.test(text)));
    const looks = rig.control.order(/^flags\.read$/).length;
    await until('it is looked at again', () => rig.control.order(/^flags\.read$/).length > looks + 2);
    expect(await stands()).toEqual(await asWritten(theirs));
    await world.flags.write('two-names', after);
    await reach(({ drifts }) => drifts?.[flag]?.endedAtMs !== undefined, 'drift is over');
    await handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(await stands()).toEqual(await asWritten(before));
  }, tellOwners);
});
