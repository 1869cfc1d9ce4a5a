import { setTimeout as sleep } from 'node:timers/promises';
import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy';
import { closedTo, readProxy, shareOf } from '../support/proxy-split';
import { eventually, startRealRig, type RealRig } from '../support/real-release';
import { longAt25 } from '../support/shop-descriptor';

const [baseline, canary] = ['blue', 'green'] as const;
const windowMs = 3_000;

let rig: RealRig;

beforeAll(async () => {
  rig = await startRealRig({
    targets: { chat: { kind: 'webhook', url: 'env:CHAT_URL' } },
    env: { CHAT_URL: 'http://127.0.0.1:9' },
  });
}, 120_000);
afterAll(() => rig?.close(), 60_000);

const socket = () => rig.embedded.stack.haproxy[0]?.socketPath ?? '';
const readTraffic = () => {
  const servers = { blue: 'blue', green: 'green' };
  return createHaproxyTraffic({ backend: 'shop', sockets: [socket()], servers }).read();
};
const canaryRequests = async (): Promise<number> => (await readTraffic()).counters[canary].requests;
async function killBaseline(): Promise<void> {
  const { pid } = await rig.embedded.slotctl('status', { slot: baseline });
  process.kill(Number(pid), 'SIGKILL');
}
const mendBaseline = () => rig.embedded.slotctl('deploy', { slot: baseline, version: '1.0.0', release: 'by-hand' });
const notices = async (): Promise<readonly string[]> =>
  (await rig.sql('store', `select notification->>'text' as text from spillway_store.outbox order by place`)).map(
    ({ text }) => String(text),
  );

test('a baseline that dies beside the canary holds the release; an abort closes the canary for good and says what is missing', async () => {
  const release = await rig.start('2.0.0', {
    ...longAt25,
    noData: { holdFor: '1s', then: 'roll-back' },
    notify: [{ to: 'chat', on: ['held', 'incomplete'] }],
  });
  await release.reach('exposed', ({ journal, stage }) => stage === 'expose-25' && journal.length > 1);
  await killBaseline();
  expect(await release.says(/^Held at/)).toMatch(
    /^Held at 25 %: the baseline does not answer: all of its last \d+ requests failed \(blue\), since .*; next: goes on when the baseline answers again/,
  );
  await eventually('told', async () =>
    (await notices()).some((text) => /baseline does not answer/.test(text)) ? true : undefined,
  );
  // Longer than missing evidence may hold: turning back would lead everybody to the dead.
  await sleep(2_000);
  expect(shareOf(await readProxy(socket()), canary)).toBeCloseTo(25, 0);

  await rig.client.abort(release.workflowId, { by: 'dee', why: 'enough' });
  await eventually('closed', async () => (closedTo(canary)(await readProxy(socket())) ? true : undefined));
  // What was on its way when it closed ends there.
  await eventually('idle', async () => ((await readTraffic()).sessions[canary] === 0 ? true : undefined));
  const before = await canaryRequests();
  const sentence = await release.says(/^Rollback incomplete/);
  expect(sentence).toMatch(/proof is stuck \(.*version in blue: expected 1\.0\.0 running, found 1\.0\.0 stopped/);
  expect(await canaryRequests()).toBe(before);
  expect(closedTo(canary)(await readProxy(socket()))).toBe(true);
  expect(await rig.embedded.slotctl('status', { slot: canary })).toMatchObject({ state: 'absent' });

  await mendBaseline();
  await rig.client.retry(release.workflowId, { by: 'ada', why: 'the baseline runs again' });
  expect(await release.report()).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
});

test('a baseline that dies in the rollback window is never promoted on: the release holds and says so, and goes on when it answers', async () => {
  const release = await rig.start('2.0.0', {
    stages: [{ canaryPercent: 25, bakeTime: '500ms', minRequests: 20 }],
    fullExposure: { holdbackPercent: 10, rollbackWindow: `${windowMs}ms`, minRequests: 20 },
    notify: [{ to: 'chat', on: ['held'] }],
  });
  await release.reach('in the window', ({ stage }) => stage === 'expose-full');
  await eventually('at 90 %', async () => (shareOf(await readProxy(socket()), canary) > 89 ? true : undefined));
  await killBaseline();
  const said = /^Held at 90 %: the baseline does not answer/;
  await release.says(said);
  await sleep(2 * windowMs);
  expect((await rig.client.explain(release.workflowId)).sentence).toMatch(said);
  expect(shareOf(await readProxy(socket()), canary)).toBeCloseTo(90, 0);
  await mendBaseline();
  expect((await release.report()).ending).toBe('Promoted');
});
