import type { Policy } from '../../src/core/policy/schema';
import { failureOf } from '../support/failure-of';
import { configurationAt, earlierLimits, limitsRepository, type GitRepository } from '../support/git-repository';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals, startRig, startTemporal, type Rig, type Started } from '../support/release-rig';
import { endless, settings } from '../support/shop-release';
import { ownersDecide } from '../support/owners-decide';
import { ofDrift, toldOf } from '../support/told';
import { until } from '../support/until';

jest.setTimeout(120_000);

const key = 'configure/limits';
const theirs = '{"limit":99}';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let repository: GitRepository;
beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  repository = await limitsRepository();
});
afterEach(() => repository.remove());

/** A release on its way over the repository, with users on the canary. */
async function withRelease(policy: Policy | undefined, work: (rig: Rig, started: Started) => Promise<void>) {
  const configuration = configurationAt(repository, { target: 'limits' });
  const rig = await startRig(temporal.connection, policy, { configuration: () => configuration });
  try {
    const started = await rig.start({ ...settings, ...endless, notify: [{ to: 'chat' }] });
    await started.reach(isExposed, 'exposed');
    await work(rig, started);
  } finally {
    await rig.close();
    await configuration.close();
  }
}

const told = (rig: Rig): Promise<readonly string[]> => toldOf(rig, ofDrift);

async function abort({ handle }: Started): Promise<void> {
  await handle.signal(signals.abort, said('dee'));
  const { type, report } = await failureOf(handle.result());
  expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
  expect(repository.bytes('shop/green.json')?.toString()).toBe(earlierLimits);
}

const green = (): unknown => JSON.parse(repository.bytes('shop/green.json')?.toString() ?? '');

it('a document that somebody pushes over is set again by a commit on top of theirs, and people are told', async () => {
  await withRelease(undefined, async (rig, started) => {
    repository.write('shop/green.json', theirs, 'bob');
    await started.reach(({ drifts }) => drifts?.[key]?.endedAtMs !== undefined, 'drift is over');
    expect(green()).toMatchObject({ limit: 2 });
    expect(repository.subjects().slice(0, 2)).toEqual(['Set 1 key of limits for green', 'bob changes shop/green.json']);
    await until('people are told', async () => (await told(rig)).length === 1);
    expect((await told(rig))[0]).toMatch(/changed what configure\/limits set: .*it is set again/);
    await abort(started);
  });
});

it('it is left to its owners where policy says so, is over when they put it back, and the rollback restores it', async () => {
  await withRelease(ownersDecide, async (rig, started) => {
    const ours = repository.bytes('shop/green.json') ?? '';
    repository.write('shop/green.json', theirs, 'bob');
    await started.reach(({ drifts }) => drifts?.[key]?.count === 1, 'drift is found');
    expect(await started.sentence()).toMatch(/it is left to its owners/);
    await until('people are told', async () => (await told(rig)).length === 1);
    const looks = rig.control.order(/^configuration\.isApplied$/).length;
    await until('it is looked at again', () => rig.control.order(/^configuration\.isApplied$/).length > looks + 1);
    expect(green()).toEqual({ limit: 99 });
    repository.write('shop/green.json', ours, 'bob');
    await started.reach(({ drifts }) => drifts?.[key]?.endedAtMs !== undefined, 'drift is over');
    repository.write('shop/green.json', theirs, 'bob');
    await abort(started);
  });
});

it('a repository that goes away is no drift, and what changed in it meanwhile is found when it is back', async () => {
  await withRelease(undefined, async (rig, started) => {
    repository.hide();
    repository.write('shop/green.json', theirs, 'bob');
    const looks = rig.control.order(/^configuration\.isApplied$/).length;
    await until('it is looked for', () => rig.control.order(/^configuration\.isApplied$/).length > looks + 1);
    expect((await started.state()).drifts).toBeUndefined();
    repository.show();
    await started.reach(({ drifts }) => drifts?.[key]?.endedAtMs !== undefined, 'drift is over');
    expect(green()).toMatchObject({ limit: 2 });
    await abort(started);
  });
});
