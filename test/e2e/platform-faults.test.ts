import { readFile } from 'node:fs/promises';
import type { ReleaseReport } from '../../src/core/release/report';
import type { Notification } from '../../src/core/release/notification';
import { slotConfigurationPath } from '../../src/stack/shop';
import { closedTo, readProxy } from '../support/proxy-split';
import { eventually, startRealRig, type RealRig } from '../support/real-release';
import { receiver } from '../support/receiver';
import { addNote, longAt25 } from '../support/shop-descriptor';

let rig: RealRig;
let hanging: RealRig;
let hangingReport: Promise<ReleaseReport>;
let sink: Awaited<ReturnType<typeof receiver>>;

const changeTargets = { 'shop-slots': { readyTimeout: '8s', commandTimeout: '3s' } };
const withNote = { migrations: [addNote] };

beforeAll(async () => {
  sink = await receiver();
  const hangs = { SHOP_SLOTCTL_FAULT: 'deploy:hang' };
  hanging = await startRealRig({ requestsPerSecond: 30, changeTargets, env: hangs });
  // Given up after a minute: it waits beside the other tests.
  hangingReport = hanging.start('2.0.0', withNote).then((release) => release.report(120_000));
  hangingReport.catch(() => undefined);
  rig = await startRealRig({
    workers: 0,
    requestsPerSecond: 100,
    changeTargets,
    env: { CHAT_URL: `${sink.url}/hook` },
    targets: { chat: { kind: 'webhook', url: 'env:CHAT_URL' } },
  });
}, 120_000);
afterAll(async () => {
  await Promise.all([rig.close(), hanging.close()]);
  await sink.close();
}, 60_000);

const delivered = (): readonly Notification[] =>
  sink.requests.filter(({ status }) => status === 200).map(({ body }) => JSON.parse(body) as Notification);

test('starts without a worker, says so, waits, and goes on when one comes; a dead webhook never holds it', async () => {
  sink.answer(503);
  const release = await rig.start('2.0.0', {
    gates: { full: {} },
    fullExposure: { rollbackWindow: '500ms', gate: 'full', minRequests: 20 },
    notify: [{ to: 'chat', on: ['gate', 'ended'] }],
  });
  expect(await rig.client.state(release.workflowId)).toMatchObject({ phase: 'Preparing', requestedBy: 'cem' });
  const standing = await eventually('it says so', async () => (await rig.client.sight(release.workflowId)).standing);
  expect(standing).toMatch(/^No worker polls queue .*spillway worker/);
  await rig.embedded.addWorker();
  await release.reach('the gate is open', ({ gates }) => gates['full'] !== undefined);
  await release.approve('full');
  expect((await release.report()).ending).toBe('Promoted');
  expect(delivered()).toEqual([]);
  await eventually('tried', () => Promise.resolve(sink.requests.length > 0 ? true : undefined));
  sink.answer(200);
  const stored = (await rig.sql('store', 'select id from spillway_store.outbox')).map(({ id }) => id);
  expect(stored).toHaveLength(2);
  const ids = (): readonly string[] => delivered().map(({ id }) => id);
  await eventually('all delivered', () => Promise.resolve(new Set(ids()).size === stored.length ? true : undefined));
  expect(new Set(ids().map((id) => `chat/${id}`))).toEqual(new Set(stored));
  expect(new Set(delivered().map(({ kind }) => kind))).toEqual(new Set(['gate', 'ended']));
});

test('a second worker takes a release over within seconds when the first is killed', async () => {
  const [first] = rig.embedded.workers;
  await rig.embedded.addWorker();
  const release = await rig.start('2.1.0', longAt25);
  await release.reach('exposed', ({ stage }) => stage === 'expose-25');
  await first?.kill();
  expect(await rig.client.abort(release.workflowId, { by: 'dee', why: 'enough' })).toMatchObject({ isActing: true });
  expect(await release.report()).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
  expect(rig.load.snapshot().failed).toBe(0);
});

async function expectUndone(where: RealRig, report: ReleaseReport): Promise<void> {
  const canary = report.failure?.reason.includes('slot blue') === true ? 'blue' : 'green';
  expect(report).toMatchObject({
    ending: 'RolledBack',
    failure: { code: 'EffectFailed' },
    proof: { isRestored: true },
  });
  expect(closedTo(canary)(await readProxy(where.embedded.stack.haproxy[0]?.socketPath ?? ''))).toBe(true);
  expect(await where.embedded.slotctl('status', { slot: canary })).toMatchObject({ state: 'absent' });
  const columns = `select 1 from information_schema.columns where table_name = 'orders' and column_name = 'note'`;
  expect(await where.sql('shop', columns)).toEqual([]);
  expect(where.load.snapshot().failed).toBe(0);
}

test.each([
  ['5.0.0', 'ends at start', /^deploy: shop-slots: shop 5\.0\.0 failed in slot (blue|green): .*exit code/],
  [
    '6.0.0',
    'never gets ready',
    /^deploy: shop-slots: .*did not get ready in slot (blue|green) within 8 s; it is .*503/,
  ],
])('undoes everything when version %s %s, and says what, where and why', async (version, _how, reason) => {
  const report = await (await rig.start(version, withNote)).report();
  expect(report.failure?.reason).toMatch(reason);
  await expectUndone(rig, report);
});

test('undoes everything when the service rejects the new configuration, and nobody is sent to it', async () => {
  const { stack } = rig.embedded;
  const bytes = () =>
    Promise.all(
      (['blue', 'green'] as const).map((slot) =>
        readFile(slotConfigurationPath(stack, slot), 'utf8').catch(() => 'absent'),
      ),
    );
  const before = await bytes();
  const configuration = [{ set: { maxTotalCents: 'many' } }];
  const release = await rig.start('2.3.0', { ...withNote, configuration });
  const { snapshot } = await release.reach('deploying', ({ stage }) => stage === 'deploy');
  const path = slotConfigurationPath(stack, snapshot?.roles.canary ?? 'green');
  expect(await readFile(path, 'utf8')).toContain('many');
  const report = await release.report();
  expect(report.failure?.reason).toMatch(
    /^deploy: shop-slots: .*did not get ready in slot (blue|green) within 8 s; it is .*503/,
  );
  expect(await bytes()).toEqual(before);
  expect(rig.load.lastStartedTo('2.3.0')).toBeUndefined();
  await expectUndone(rig, report);
}, 60_000);

test('undoes everything when the deploy command fails', async () => {
  for (const worker of rig.embedded.workers) await worker.stop();
  Object.assign(rig.embedded.env, { SHOP_SLOTCTL_FAULT: 'deploy:exit' });
  await rig.embedded.addWorker();
  const report = await (await rig.start('2.2.0', withNote)).report();
  expect(report.failure?.reason).toMatch(
    /^deploy: command deploy .*slot (blue|green) ended with exit code 1: .*fault injected/,
  );
  await expectUndone(rig, report);
});

test('undoes everything when the deploy command hangs for a minute', async () => {
  const report = await hangingReport;
  expect(report.failure?.reason).toMatch(
    /^deploy: command deploy .*slot (blue|green) did not return within 3 s.*\(for 6\d s\)/,
  );
  await expectUndone(hanging, report);
}, 120_000);
