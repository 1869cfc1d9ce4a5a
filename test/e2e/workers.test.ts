import type { Notification } from '../../src/ports/notifications';
import { startRealRig, eventually, type RealRig } from '../support/real-release';
import { receiver } from '../support/receiver';
import { longAt25 } from '../support/shop-descriptor';

let rig: RealRig;
let sink: Awaited<ReturnType<typeof receiver>>;

beforeAll(async () => {
  sink = await receiver();
  rig = await startRealRig({
    workers: 0,
    env: { CHAT_URL: `${sink.url}/hook` },
    targets: { chat: { kind: 'webhook', url: 'env:CHAT_URL' } },
  });
});
afterAll(async () => {
  await rig.close();
  await sink.close();
});

const delivered = (): readonly Notification[] =>
  sink.requests.filter(({ status }) => status === 200).map(({ body }) => JSON.parse(body) as Notification);

test('starts without a worker, waits, says so, and goes on when one comes; a dead webhook never holds it', async () => {
  sink.answer(503);
  const release = await rig.start('2.0.0', {
    gates: { full: {} },
    fullExposure: { rollbackWindow: '500ms', gate: 'full', minRequests: 20 },
    notify: [{ to: 'chat' }],
  });
  await expect(rig.client.explain(release.workflowId)).rejects.toMatchObject({ code: 'no-worker' });
  await rig.embedded.addWorker();
  await release.reach('the gate is open', ({ gates }) => gates['full'] !== undefined);
  await release.approve('full');
  expect((await release.report()).ending).toBe('Promoted');
  expect(delivered()).toEqual([]);
  await eventually('tried', () => Promise.resolve(sink.requests.length > 0 ? true : undefined));
  sink.answer(200);
  const stored = (await rig.sql('store', 'select id from spillway_store.outbox')).map(({ id }) => id);
  expect(stored).toHaveLength(2);
  await eventually('all delivered', () =>
    Promise.resolve(new Set(delivered().map(({ id }) => id)).size === stored.length ? true : undefined),
  );
  expect(new Set(delivered().map(({ kind }) => kind))).toEqual(new Set(['gate', 'ended']));
  expect(new Set(delivered().map(({ id }) => id)).size).toBe(delivered().length);
});

test('a second worker takes a release over within seconds when the first is killed', async () => {
  const [first] = rig.embedded.workers;
  const second = await rig.embedded.addWorker();
  const release = await rig.start('2.1.0', { ...longAt25, notify: [{ to: 'chat' }] });
  await release.reach('exposed', ({ stage }) => stage === 'expose-25');
  await first?.kill();
  const aborted = await rig.client.abort(release.workflowId, { by: 'dee', why: 'enough' });
  expect(aborted.isActing).toBe(true);
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
  expect(rig.load.snapshot().failed).toBe(0);
  await second.stop();
});
