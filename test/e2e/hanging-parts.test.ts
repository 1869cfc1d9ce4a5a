import { setTimeout as sleep } from 'node:timers/promises';
import { verifyChain, type ChainedRecord } from '../../src/core/evidence/chain';
import type { Notification } from '../../src/core/release/notification';
import type { ReleaseReport } from '../../src/core/release/report';
import { closedTo, readProxy, shareOf } from '../support/proxy-split';
import { eventually, startRealRig, type RealRelease, type RealRig } from '../support/real-release';
import { receiver } from '../support/receiver';
import { startRelay, type Relay } from '../support/relay';
import { addNote } from '../support/shop-descriptor';

const leaseMs = 2_000;
const canary = 'green';

let rig: RealRig;
let release: RealRelease;
let [store, prometheus]: Relay[] = [];
let sink: Awaited<ReturnType<typeof receiver>>;

const relays = (): { readonly store: Relay; readonly prometheus: Relay } => {
  if (store === undefined || prometheus === undefined) throw new Error('no relays');
  return { store, prometheus };
};
const proxy = () => readProxy(rig.embedded.stack.haproxy[0]?.socketPath ?? '');
const stored = (table: string, rest: string) => rig.sql('store', `select * from spillway_store.${table} ${rest}`);

const answers = {
  source: 'prometheus',
  bad: 'http_requests_total{slot="$slot",service="shop",code=~"5.."}',
  total: 'http_requests_total{slot="$slot",service="shop"}',
  max: '1%',
};

/** Store, Prometheus and webhook all accept connections from now on, and never answer. */
beforeAll(async () => {
  sink = await receiver();
  sink.answer(undefined);
  [store, prometheus] = [await startRelay(), await startRelay()];
  rig = await startRealRig({
    workers: 0,
    requestsPerSecond: 100,
    sentinel: true,
    policy: { lease: { duration: `${leaseMs}ms`, sentinel: 'required' } },
    env: { CHAT_URL: `${sink.url}/hook` },
    targets: { chat: { kind: 'webhook', url: 'env:CHAT_URL' } },
    changeTargets: { prometheus: { url: `http://${prometheus.host}` } },
  });
  const { embedded } = rig;
  const real = new URL(embedded.storeDsn);
  store.to(real.host);
  prometheus.to(new URL(embedded.stack.prometheus.url).host);
  Object.assign(embedded.env, { SPILLWAY_STORE_DSN: embedded.storeDsn.replace(real.host, store.host) });
  await embedded.addWorker();
  release = await rig.start('2.0.0', {
    migrations: [addNote],
    stages: [
      { canaryPercent: 5, bakeTime: '1s', minRequests: 5 },
      { canaryPercent: 25, bakeTime: '10m', minRequests: 20 },
    ],
    metrics: { 'http-errors': { source: 'proxy', max: 'baseline + 0.5%' }, answers: { ...answers, guardrail: false } },
    noData: { holdFor: '30m', then: 'roll-back' },
    notify: [{ to: 'chat', on: ['held', 'rollback', 'ended'] }],
  });
  await release.reach('exposed at 5 %', ({ stage }) => stage === 'expose-5');
  store.freeze();
}, 120_000);
afterAll(async () => {
  await rig?.close();
  await Promise.all([store?.close(), prometheus?.close(), sink?.close()]);
}, 60_000);

test('exposes more users while the store hangs', async () => {
  await release.reach('exposed at 25 %', ({ journal, stage }) => stage === 'expose-25' && journal.length > 1);
  await eventually('a quarter', async () => (Math.abs(shareOf(await proxy(), canary) - 25) < 0.5 ? true : undefined));
});

test('holds while Prometheus hangs too, says so, and keeps its lease', async () => {
  relays().prometheus.freeze();
  expect(await release.says(/^Held at/)).toMatch(/^Held at 25 %: answers: no data, unreachable/);
  await sleep(2 * leaseMs);
  expect(shareOf(await proxy(), canary)).toBeCloseTo(25, 0);
  await release.reach('still exposed', ({ phase, failure }) => phase === 'Releasing' && failure === undefined);
});

test('an abort closes the canary and undoes everything while all three hang', async () => {
  await rig.client.abort(release.workflowId, { by: 'dee', why: 'enough' });
  await eventually('closed', async () => (closedTo(canary)(await proxy()) ? true : undefined), { deadlineMs: 5_000 });
  const { proof } = await release.reach('it is over but for its evidence', ({ phase }) => phase === 'Aborted', 20_000);
  expect(proof?.isRestored).toBe(true);
  expect(await rig.embedded.slotctl('status', { slot: canary })).toMatchObject({ state: 'absent' });
  const columns = `select 1 from information_schema.columns where table_name = 'orders' and column_name = 'note'`;
  expect(await rig.sql('shop', columns)).toEqual([]);
  expect(await stored('evidence', `where type = 'ended'`)).toEqual([]);
  expect(rig.load.snapshot().failed).toBe(0);
});

describe('when the store answers again', () => {
  let report: ReleaseReport;
  const evidence = async (): Promise<readonly ChainedRecord[]> =>
    (await stored('evidence', `where release like '%${release.firstRunId}' order by seq`)).map(
      ({ record, previous, hash }) => ({ ...(record as object), previous, hash }) as ChainedRecord,
    );
  beforeAll(async () => {
    // A minute passes before evidence counts as late.
    await release.says(/Evidence and messages wait since .*: publishing/, 90_000);
    relays().store.thaw();
    report = await release.report();
  }, 150_000);

  test('the release ends aborted, although Prometheus and the webhook still hang', () => {
    expect(report).toMatchObject({ ending: 'Aborted', failure: { code: 'Aborted' }, proof: { isRestored: true } });
    expect(report.gaps).toHaveLength(1);
  });

  test('its evidence is there in order, with a marker that says from when to when it was late', async () => {
    const records = await evidence();
    expect(verifyChain(records)).toMatchObject({ ok: true });
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_record, index) => index + 1));
    const times = records.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(records.filter(({ type }) => type === 'ended')).toMatchObject([{ detail: { ending: 'Aborted' } }]);
    expect(records.filter(({ type }) => type === 'gap')).toMatchObject([{ detail: { gap: report.gaps[0] } }]);
    expect(report.gaps[0]).toMatchObject({ leftOut: {}, why: expect.stringContaining('publishing') as string });
  });

  test('its notices are stored in order, and all arrive when the webhook answers', async () => {
    const notices = (await stored('outbox', 'order by place')).map(({ notification }) => notification as Notification);
    const times = notices.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const isHeldForData = ({ kind, text }: Notification): boolean =>
      kind === 'held' && text.includes('answers: no data');
    expect(notices.some(isHeldForData)).toBe(true);
    expect(notices.at(-1)).toMatchObject({ kind: 'rollback', text: expect.stringMatching(/^Aborted: /) as string });
    await eventually('tried', () => Promise.resolve(sink.requests.length > 0 ? true : undefined));
    const delivered = () =>
      sink.requests.filter(({ status }) => status === 200).map(({ body }) => (JSON.parse(body) as Notification).id);
    expect(delivered()).toEqual([]);
    sink.answer(200);
    await eventually('delivered', () => Promise.resolve(delivered().length >= notices.length ? true : undefined));
    expect(new Set(delivered())).toEqual(new Set(notices.map(({ id }) => id)));
  }, 60_000);
});
