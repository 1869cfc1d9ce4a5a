import { readFile, writeFile } from 'node:fs/promises';
import { createHttpSentinel } from '../../src/adapters/sentinel/http';
import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy';
import type { Lease } from '../../src/core/sentinel/lease';
import type { Split } from '../../src/ports/traffic';
import { startHaproxy, type HaproxyRig } from '../support/haproxy';
import { startSentinel, type SentinelProcess } from '../support/sentinel';
import { until } from '../support/until';

const roles = { baseline: 'blue', canary: 'green' } as const;
const lease = (change: Partial<Lease> = {}): Lease => ({
  release: 'r1',
  roles,
  phase: 'exposing',
  ceilingPercent: 25,
  ttlMs: 60_000,
  ...change,
});
const at = (green: number, state: 'ready' | 'maint' = 'ready'): Split => ({
  blue: { weight: 100 - green, state: 'ready' },
  green: { weight: green, state },
});
const closed = at(0, 'maint');
const promoted: Split = { blue: { weight: 0, state: 'maint' }, green: { weight: 100, state: 'ready' } };

describe('a sentinel beside two HAProxies', () => {
  let haproxy: HaproxyRig;
  let sentinel: SentinelProcess;
  beforeEach(async () => {
    haproxy = await startHaproxy({ slots: { blue: '127.0.0.1:9', green: '127.0.0.1:9' }, proxies: 2 });
    sentinel = await startSentinel(haproxy.sockets);
  });
  afterEach(async () => {
    await sentinel.close();
    await haproxy.close();
  });

  const of = (socket: string) =>
    createHaproxyTraffic({ backend: 'shop', sockets: [socket], servers: { blue: 'blue', green: 'green' } });
  const write = (split: Split) => Promise.all(haproxy.sockets.map((socket) => of(socket).writeSplit(split)));
  const shows = (split: Split, sockets = haproxy.sockets) =>
    until(`every proxy shows ${JSON.stringify(split)}`, async () => {
      const found = await Promise.all(sockets.map((socket) => of(socket).readSplit()));
      return found.every((each) => JSON.stringify(each) === JSON.stringify(split));
    });
  const looks = async (times: number) => {
    for (let time = 0; time < times; time += 1) {
      const before = performance.now();
      await until('a look at both proxies', async () => {
        const { lastLookAgeMs } = (await sentinel.port.status()).targets['edge'] ?? { lastLookAgeMs: null };
        return lastLookAgeMs !== null && performance.now() - lastLookAgeMs > before;
      });
    }
  };
  const status = async () => (await sentinel.port.status()).targets['edge'];

  it('closes every gate when a lease runs out, and closes it again when a proxy comes back without its weights', async () => {
    await sentinel.port.hold('edge', lease());
    await write(at(25));
    await looks(3);
    await shows(at(25));
    sentinel.pass(60_000);
    await shows(closed);
    await haproxy.restart(1); // Its configuration begins with the slot ready.
    await shows(closed);
    expect(await status()).toMatchObject({ lease: { state: 'expired', release: 'r1' } });
  });

  it('closes the gates that it reaches while a proxy is away, and that one once it is back', async () => {
    await sentinel.port.hold('edge', lease());
    await write(at(25));
    await haproxy.kill(0);
    sentinel.pass(60_000);
    await shows(closed, haproxy.sockets.slice(1));
    expect((await status())?.unreachable).toHaveLength(1);
    await haproxy.restart(0);
    await shows(closed);
  });

  it.each([
    ['was down when the lease ran out', 60_000],
    ['comes back before', 100],
  ])('remembers a lease when it %s', async (_when, downMs) => {
    await sentinel.port.hold('edge', lease());
    await write(at(25));
    await sentinel.stop();
    sentinel.pass(downMs);
    await sentinel.start();
    if (downMs < 60_000) {
      await looks(2);
      await shows(at(25));
      expect(await sentinel.port.renew('edge', 'r1')).toMatchObject({ isHeld: true });
      sentinel.pass(60_000);
    }
    await shows(closed);
  });

  it('lowers what is raised above the ceiling of a lease', async () => {
    await sentinel.port.hold('edge', lease());
    await write(at(50));
    await shows(at(25));
    await sentinel.port.hold('edge', lease({ ceilingPercent: 50 }));
    await write(at(50));
    await looks(3);
    await shows(at(50));
  });

  it('repairs a late write after the ending, and makes way for the next release', async () => {
    await sentinel.port.hold('edge', lease());
    await write(closed);
    await sentinel.port.end('edge', { release: 'r1', roles, serving: 'blue' });
    await write(at(25));
    await shows(closed);
    await sentinel.port.hold('edge', lease({ release: 'r2', phase: 'dark', ceilingPercent: 0 }));
    await write(at(0));
    await looks(3);
    await shows(at(0));
  });

  it('never undoes a promotion, and guards it afterwards', async () => {
    await sentinel.port.hold('edge', lease({ phase: 'promoting' }));
    await write(at(99));
    sentinel.pass(3_600_000);
    await until('it alarms', async () => (await status())?.alarm !== undefined);
    await shows(at(99));
    await write(promoted);
    await sentinel.port.end('edge', { release: 'r1', roles, serving: 'green' });
    await haproxy.restart(0); // All on blue, where nothing runs any more.
    await shows(promoted);
    sentinel.pass(600_000);
    await haproxy.restart(0);
    await until('it tells instead of writing', async () => (await status())?.alarm !== undefined);
  });

  it('touches nothing that it holds no record of', async () => {
    await write(at(25));
    await looks(3);
    await shows(at(25));
  });

  it('puts a state file aside that it does not understand', async () => {
    await sentinel.stop();
    await writeFile(sentinel.stateFile, '{ "version": 1, "records": { "edge": 7 } }');
    await sentinel.start();
    expect(await sentinel.port.hold('edge', lease())).toMatchObject({ isHeld: true });
    expect(await readFile(`${sentinel.stateFile}.unreadable`, 'utf8')).toContain('7');
  });

  it('tells health and metrics to anybody and the rest to who has the token', async () => {
    await looks(1);
    expect((await fetch(`${sentinel.url()}/healthz`)).status).toBe(200);
    const metrics = await (await fetch(`${sentinel.url()}/metrics`)).text();
    expect(metrics).toMatch(/spillway_sentinel_unreachable_proxies\{target="edge"\} 0/);
    const stranger = createHttpSentinel({ url: sentinel.url(), token: 'a token of somebody else' });
    await expect(stranger.hold('edge', lease())).rejects.toMatchObject({ code: 'Rejected' });
    await expect(stranger.status()).rejects.toMatchObject({ code: 'Rejected' });
  });
});
