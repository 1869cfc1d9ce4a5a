import { closedTo, readProxy, shareOf } from '../support/proxy-split';
import { eventually, startRealRig, type RealRelease, type RealRig } from '../support/real-release';
import { longAt25 } from '../support/shop-descriptor';

let rig: RealRig;

beforeAll(async () => {
  rig = await startRealRig({ haproxyCount: 2 });
});
afterAll(() => rig.close());

const proxy = (index: number) => {
  const found = rig.embedded.stack.haproxy[index];
  if (found === undefined) throw new Error(`no proxy ${index}`);
  return found;
};
const shares = () =>
  Promise.all([0, 1].map(async (index) => shareOf(await readProxy(proxy(index).socketPath), 'green')));
const bothShow = (percent: number) =>
  eventually(
    `both proxies show ${percent} %`,
    async () => {
      const found = await shares().catch(() => []);
      return found.length === 2 && found.every((share) => Math.abs(share - percent) < 0.5) ? true : undefined;
    },
    { deadlineMs: 10_000 },
  );
const untouched = ({ splitLost, phase, stage }: Awaited<ReturnType<RealRelease['reach']>>): boolean =>
  splitLost === undefined && phase === 'Releasing' && stage === 'expose-25';

describe('a release behind two HAProxies', () => {
  let release: RealRelease;
  beforeAll(async () => {
    release = await rig.start('2.0.0', { ...longAt25, noData: { holdFor: '5m', then: 'roll-back' } });
    await bothShow(25);
  });

  test('sets the weights again that a reload lost', async () => {
    await proxy(1).reload({ state: 'lost' });
    await bothShow(25);
    await release.reach('as before', untouched);
  });

  test('sets the weights again that a killed HAProxy lost', async () => {
    await proxy(1).kill();
    await proxy(1).start();
    await bothShow(25);
    await release.reach('as before', untouched);
  });

  test('holds while one HAProxy is away, names its socket, and goes on with it', async () => {
    await proxy(1).kill();
    expect(await release.says(/^Held at 25 %/)).toContain(proxy(1).socketPath);
    await proxy(1).start();
    await bothShow(25);
    await release.says(/^Exposed at 25 %/);
  });

  test('says that the rollback is incomplete while one HAProxy is away, and proves it when it is back', async () => {
    await proxy(1).kill();
    await rig.client.abort(release.workflowId, { by: 'dee', why: 'enough' });
    await eventually('closed at the other', async () =>
      closedTo('green')(await readProxy(proxy(0).socketPath)) ? true : undefined,
    );
    const sentence = await release.says(/^Rollback incomplete/);
    expect(sentence).toContain('expose/shop');
    expect(sentence).toContain(proxy(1).socketPath);
    expect(sentence).toContain('spillway retry');
    // The schema and the canary are never undone under users who may still come through the lost proxy.
    expect(await rig.embedded.slotctl('status', { slot: 'green' })).toMatchObject({ state: 'running' });
    await proxy(1).start();
    await rig.client.retry(release.workflowId, { by: 'ada', why: 'it is back' });
    const report = await release.report();
    expect(report).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
    for (const index of [0, 1]) expect(closedTo('green')(await readProxy(proxy(index).socketPath))).toBe(true);
    expect(await rig.embedded.slotctl('status', { slot: 'green' })).toMatchObject({ state: 'absent' });
  });
});

test('fails no request at the proxy that stayed', () => {
  expect(rig.load.snapshot()).toMatchObject({ failed: 0 });
});
