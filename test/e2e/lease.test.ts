import { setTimeout as sleep } from 'node:timers/promises';
import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy';
import type { ReleaseState } from '../../src/core/release/state';
import { askHaproxy } from '../../src/stack/haproxy';
import { closedTo, readProxy, shareOf } from '../support/proxy-split';
import { startRealRig, type RealRelease, type RealRig } from '../support/real-release';
import { until } from '../support/until';

const leaseMs = 4_000;
const endless = { stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] };

const isExposed = ({ journal, stage }: ReleaseState): boolean =>
  stage === 'expose-25' && journal.some(({ effect, state }) => effect === 'expose/shop' && state === 'done');

/** One company whose policy asks for a sentinel; its releases run one after the other. */
describe('users are exposed and', () => {
  let rig: RealRig;
  beforeAll(async () => {
    const policy = { lease: { duration: `${leaseMs}ms`, sentinel: 'required' } };
    rig = await startRealRig({ sentinel: true, policy, temporal: { headless: true, storage: 'file' } });
  }, 120_000);
  afterAll(() => rig?.close(), 60_000);

  const socket = () => rig.embedded.stack.haproxy[0]?.socketPath ?? '';
  const isClosed = async () => closedTo('green')(await readProxy(socket()));
  const closed = () => until('the gate is closed', isClosed, 60_000);
  const canaryRequests = async () => {
    const servers = { blue: 'blue', green: 'green' };
    const { counters } = await createHaproxyTraffic({ backend: 'shop', sockets: [socket()], servers }).read();
    return counters.green.requests;
  };
  const parts = () => {
    const { workers, sentinel, stack } = rig.embedded;
    const [worker] = workers;
    if (worker === undefined || sentinel === undefined) throw new Error('a part is missing');
    return { worker, sentinel, temporal: stack.temporal };
  };
  async function expose(version: string): Promise<RealRelease> {
    const release = await rig.start(version, endless);
    await release.reach('a quarter of the users is exposed', isExposed);
    expect(shareOf(await readProxy(socket()), 'green')).toBeCloseTo(25, 0);
    return release;
  }
  const endsBy = async (release: RealRelease, code: string) => {
    const { ending, failure, proof } = await release.report(60_000);
    expect({ ending, code: failure?.code, isRestored: proof?.isRestored }).toEqual({
      ending: 'RolledBack',
      code,
      isRestored: true,
    });
  };

  it('the worker is killed: the gate closes without it, a late raise is repaired, and the release is rolled back', async () => {
    const release = await expose('2.0.1');
    const { worker } = parts();
    await worker.kill();
    await closed();
    await worker.start();
    await endsBy(release, 'LeaseExpired');
    await worker.kill(); // Nobody but the sentinel is left to repair anything.
    await askHaproxy(socket(), 'set server shop/green weight 50; set server shop/green state ready');
    await closed();
    await worker.start();
  }, 180_000);

  it('the worker stands still: the gate closes, and when it wakes no request reaches the canary', async () => {
    const release = await expose('2.0.2');
    const pid = parts().worker.pid() ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      await closed();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const before = await canaryRequests();
    await endsBy(release, 'LeaseExpired');
    expect(await isClosed()).toBe(true);
    expect(await canaryRequests()).toBe(before);
  }, 180_000);

  it('Temporal is down: the gate closes, and the release is rolled back once it is up', async () => {
    const release = await expose('2.0.3');
    const { temporal } = parts();
    await temporal.kill();
    await closed();
    await temporal.start();
    await endsBy(release, 'LeaseExpired');
  }, 180_000);

  it('worker and sentinel are killed: the sentinel closes the gate when it is back, and without it nothing is released', async () => {
    const release = await expose('2.0.4');
    const { worker, sentinel } = parts();
    await sentinel.kill();
    await worker.kill();
    await sleep(leaseMs + 200);
    expect(await isClosed()).toBe(false);
    await sentinel.start();
    await closed();
    await worker.start();
    await endsBy(release, 'LeaseExpired');
    await sentinel.stop();
    const { ending, refusals } = await (await rig.start('2.0.5', endless)).report();
    expect({ ending, codes: refusals.map(({ code }) => code) }).toEqual({
      ending: 'Refused',
      codes: ['sentinel-missing'],
    });
  }, 180_000);
});
