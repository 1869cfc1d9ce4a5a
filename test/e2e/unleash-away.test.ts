import { createClient } from '../../src/client';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig, type Started } from '../support/release-rig';
import { toldOf } from '../support/told';
import { after, before, exposed, flag, startUnleashWorld, type UnleashWorld } from '../support/unleash-release';
import { until } from '../support/until';

jest.setTimeout(180_000);

let world: UnleashWorld;
beforeAll(async () => {
  world = await startUnleashWorld();
});
afterEach(async () => {
  // A test that failed in the middle leaves no dead or frozen server to the next one.
  freeze('SIGCONT');
  await world.unleash.revive();
});
afterAll(() => world?.close());

function freeze(signal: 'SIGSTOP' | 'SIGCONT'): void {
  const pid = world.unleash.pid();
  if (pid !== undefined) process.kill(pid, signal);
}

/** What `spillway status` says of a release that does not go on. */
async function standing({ client }: Rig, { handle }: Started): Promise<string> {
  const settings = { address: 'of the rig', namespace: 'default', profile: 'default', connection: {} };
  return (await createClient({ client, settings }).sight(handle.workflowId)).standing ?? '';
}

/** A release that is about to write its flag, with a way to let it. */
async function atTheWrite(rig: Rig, begin: () => Promise<Started>) {
  const held = rig.control.hold('flags.write', (name: string) => name === 'two-names');
  const started = await begin();
  await held.reached;
  return { started, write: () => held.release() };
}

async function endsAborted({ handle }: Started): Promise<void> {
  const { type, report } = await failureOf(handle.result());
  expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
  expect(await world.stands()).toEqual(await world.asWritten(before));
}

/** Until people can read that it is tried again because it failed with these words. */
const failsWith = (words: RegExp, rig: Rig, started: Started): Promise<void> =>
  until('it says that it is tried again', async () => words.test(await standing(rig, started)));

it('a release whose Unleash dies at the write of a flag waits, says why, and goes on when it is back', async () => {
  await world.withRelease(async (rig, begin) => {
    const { started, write } = await atTheWrite(rig, begin);
    await world.unleash.kill();
    write();
    await failsWith(
      /^setFlag cannot go on for now: Unleash at .* is not to be reached \(flag two-names\)/,
      rig,
      started,
    );
    expect(await started.state()).toMatchObject({ phase: 'Releasing', stage: 'configure' });
    expect((await rig.world.traffic.readSplit()).green.weight).toBe(0);
    await world.unleash.revive();
    await exposed(() => Promise.resolve(started));
    expect(await world.stands()).toEqual(await world.asWritten(after));
    await started.handle.signal(signals.abort, said('dee'));
    await endsAborted(started);
  });
});

it('a release whose Unleash hangs at the write of a flag ends with what it wrote, also when it answers late', async () => {
  await world.withRelease(async (rig, begin) => {
    const { started, write } = await atTheWrite(rig, begin);
    // It has the request then, and does it when it wakes.
    world.beforeNextChange(() => freeze('SIGSTOP'));
    write();
    await failsWith(
      /^setFlag cannot go on for now: .* does not answer within 2000 ms \(flag two-names\)/,
      rig,
      started,
    );
    freeze('SIGCONT');
    await exposed(() => Promise.resolve(started));
    expect(await world.stands()).toEqual(await world.asWritten(after));
    await started.handle.signal(signals.abort, said('dee'));
    await endsAborted(started);
  });
});

it('a rollback whose Unleash died closes the canary, calls people, and ends with its proof when it is back', async () => {
  await world.withRelease(async (rig, begin) => {
    const started = await exposed(begin);
    await world.unleash.kill();
    await started.handle.signal(signals.abort, said('dee'));
    const { compensations } = await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
    expect(compensations).toMatchObject({
      'expose/shop': { status: 'verified' },
      'deploy/shop': { status: 'verified' },
      [flag]: { status: 'stuck', detail: expect.stringMatching(/Unleash at .* is not to be reached/) as unknown },
    });
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
    await until(
      'people are called',
      async () => (await toldOf(rig, /two-names.*Unleash at .* is not to be reached/s)).length > 0,
    );
    await world.unleash.revive();
    await endsAborted(started);
  });
});

it('a rollback whose Unleash hangs waits for it, and late answers undo nothing', async () => {
  await world.withRelease(async (rig, begin) => {
    const started = await exposed(begin);
    world.beforeNextChange(() => freeze('SIGSTOP'));
    await started.handle.signal(signals.abort, said('dee'));
    await failsWith(/restoreFlag cannot go on for now: .* does not answer within 2000 ms/, rig, started);
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
    freeze('SIGCONT');
    await endsAborted(started);
  });
});
