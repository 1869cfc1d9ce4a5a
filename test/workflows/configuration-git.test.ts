import { failureOf } from '../support/failure-of';
import { configurationAt, earlierLimits, limitsRepository, type GitRepository } from '../support/git-repository';
import { said } from '../support/messages';
import { startRig, startTemporal, updates, type Rig } from '../support/release-rig';
import { endless, settings } from '../support/shop-release';

jest.setTimeout(120_000);

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let repository: GitRepository;
let configuration: ReturnType<typeof configurationAt>;
let rig: Rig;

beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  repository = await limitsRepository();
  configuration = configurationAt(repository, { target: 'limits' });
  rig = await startRig(temporal.connection, undefined, { configuration: () => configuration });
});
afterEach(async () => {
  await rig.close();
  await configuration.close();
  await repository.remove();
});
const trailer = (name: string, commit: string): string =>
  repository.git('log', '-1', `--format=%(trailers:key=${name},valueonly)`, commit).trim();

/** A release that is on its way, with users on the canary. */
async function exposed() {
  const started = await rig.start({ ...settings, ...endless });
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  return started;
}

it('a promoted release leaves one commit that names it, and the old slot as it was', async () => {
  const { handle } = await rig.start(settings);
  expect((await handle.result()).ending).toBe('Promoted');
  expect(JSON.parse(repository.bytes('shop/green.json')?.toString() ?? '')).toEqual({ limit: 2 });
  expect(repository.bytes('shop/blue.json')?.toString()).toBe('{"limit":1}');
  expect(repository.subjects().filter((subject) => subject.includes('limits'))).toEqual([
    'Set 1 key of limits for green',
  ]);
  expect(trailer('Spillway-Release', 'main')).toBe(handle.firstExecutionRunId);
  expect(trailer('Spillway-Effect', 'main')).toBe('configure/limits');
});

it('a release that turns back restores bytes and mode by a commit, beside what others push meanwhile', async () => {
  const { handle } = await exposed();
  const applied = repository.git('rev-parse', 'main');
  repository.write('pay/green.json', '{"theirs":true}', 'bob');
  rig.world.breakSlot('green', 0.5);
  const { type, report } = await failureOf(handle.result());
  expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
  expect(repository.bytes('shop/green.json')?.toString()).toBe(earlierLimits);
  expect(repository.mode('shop/green.json')).toBe('100755');
  expect(repository.bytes('pay/green.json')?.toString()).toBe('{"theirs":true}');
  expect(repository.subjects().slice(0, 3)).toEqual([
    'Restore limits for green',
    'bob changes pay/green.json',
    'Set 1 key of limits for green',
  ]);
  expect(trailer('Spillway-Restores', 'main')).toBe(applied);
});

it('a repository that refuses the change turns the release back with its own words', async () => {
  repository.setHook('pre-receive', 'echo "the freeze is on" >&2; exit 1');
  const before = repository.git('rev-parse', 'main');
  const { handle } = await rig.start(settings);
  const { type, report } = await failureOf(handle.result());
  expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
  expect(report.failure?.reason).toMatch(
    /limits \(.*\): the remote refuses the push .*: the freeze is on; let the worker/,
  );
  expect(repository.git('rev-parse', 'main')).toBe(before);
});

it('a repository that refuses the way back holds the rollback until it is mended', async () => {
  const { handle, reach } = await exposed();
  repository.setHook('pre-receive', 'echo "the freeze is on" >&2; exit 1');
  rig.world.breakSlot('green', 0.5);
  const { compensations } = await reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
  expect(compensations['configure/limits']).toMatchObject({ status: 'stuck' });
  expect(JSON.stringify(compensations['configure/limits'])).toContain('the freeze is on');
  expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
  repository.setHook('pre-receive', undefined);
  await handle.executeUpdate(updates.retry, { args: [said('ada')] });
  const { type, report } = await failureOf(handle.result());
  expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
  expect(repository.bytes('shop/green.json')?.toString()).toBe(earlierLimits);
});
