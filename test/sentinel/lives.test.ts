import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy';
import type { Lease } from '../../src/core/sentinel/lease';
import { startHaproxy, type HaproxyRig } from '../support/haproxy';
import { startSentinel, type SentinelProcess } from '../support/sentinel';
import { until } from '../support/until';

const roles = { baseline: 'blue', canary: 'green' } as const;
const lease: Lease = { release: 'r1', roles, phase: 'exposing', ceilingPercent: 25, ttlMs: 60_000 };

describe('what a sentinel tells Prometheus', () => {
  let haproxy: HaproxyRig;
  let sentinel: SentinelProcess;
  beforeEach(async () => {
    haproxy = await startHaproxy({ slots: { blue: '127.0.0.1:9', green: '127.0.0.1:9' }, proxies: 2 });
    sentinel = await startSentinel(haproxy.sockets);
    await until('it has looked at every proxy', async () => (await value('last_look_age_seconds')) !== -1);
  });
  afterEach(async () => {
    await sentinel.close();
    await haproxy.close();
  });

  /** What a scrape finds of the target; undefined where there is no such series. */
  async function value(name: string, labels = ''): Promise<number | undefined> {
    const text = await (await fetch(`${sentinel.url()}/metrics`)).text();
    const start = `spillway_sentinel_${name}{target="edge"${labels}} `;
    const line = text.split('\n').find((each) => each.startsWith(start));
    return line === undefined ? undefined : Number(line.slice(start.length));
  }
  const leases = async () => ({
    held: await value('lease', ',state="held"'),
    expired: await value('lease', ',state="expired"'),
    ended: await value('lease', ',state="ended"'),
  });
  const health = async () => (await fetch(`${sentinel.url()}/healthz`)).status;
  const writes = (why: string) => value('writes_total', `,why="${why}"`);
  const raise = (green: number, sockets = haproxy.sockets) =>
    Promise.all(
      sockets.map((socket) =>
        createHaproxyTraffic({
          backend: 'shop',
          sockets: [socket],
          servers: { blue: 'blue', green: 'green' },
        }).writeSplit({
          blue: { weight: 100 - green, state: 'ready' },
          green: { weight: green, state: 'ready' },
        }),
      ),
    );

  it('shows no lease before the first one, and each state of a lease by itself', async () => {
    expect(await leases()).toEqual({ held: 0, expired: 0, ended: 0 });
    await sentinel.port.hold('edge', lease);
    expect(await leases()).toEqual({ held: 1, expired: 0, ended: 0 });
    expect(await value('expired_total')).toBeUndefined();
    sentinel.pass(60_000);
    expect(await leases()).toEqual({ held: 0, expired: 1, ended: 0 });
    expect(await value('expired_total')).toBe(1);
    await sentinel.port.end('edge', { release: 'r1', roles, serving: 'blue' });
    expect(await leases()).toEqual({ held: 0, expired: 0, ended: 1 });
    expect(await value('expired_total')).toBe(1);
  });

  it('counts a write at each proxy by why it was made', async () => {
    await sentinel.port.hold('edge', lease);
    await raise(50);
    // A write of ours that falls between two looks may be answered twice.
    const isBoth = (why: string) => async () => ((await writes(why)) ?? 0) >= 2;
    await until('both are lowered', isBoth('above-ceiling'));
    expect([await writes('expired'), await writes('after-ending')]).toEqual([undefined, undefined]);
    sentinel.pass(60_000);
    await until('both are closed', isBoth('expired'));
    await sentinel.port.end('edge', { release: 'r1', roles, serving: 'blue' });
    const before = [await writes('above-ceiling'), await writes('expired')];
    await raise(25);
    await until('both are closed again', isBoth('after-ending'));
    expect([await writes('above-ceiling'), await writes('expired')]).toEqual(before);
  });

  it('counts the proxies that do not answer, and says how long nobody has looked at one of them', async () => {
    expect(await value('unreachable_proxies')).toBe(0);
    await haproxy.kill(1);
    await until('one is away', async () => (await value('unreachable_proxies')) === 1);
    await sentinel.port.hold('edge', lease);
    sentinel.pass(10_000);
    await raise(50, haproxy.sockets.slice(0, 1));
    await until('the other one is still looked at', async () => (await writes('above-ceiling')) !== undefined);
    expect(await value('last_look_age_seconds')).toBeGreaterThanOrEqual(10);
    expect(await health()).toBe(503);
    await haproxy.restart(1);
    await until('it is back', async () => (await value('unreachable_proxies')) === 0);
    expect(await value('last_look_age_seconds')).toBeLessThan(10);
    expect(await health()).toBe(200);
  });

  it('alarms while something is wrong that it may not write', async () => {
    expect(await value('alarm')).toBe(0);
    await sentinel.port.hold('edge', { ...lease, phase: 'promoting' });
    sentinel.pass(60_000);
    await until('it alarms', async () => (await value('alarm')) === 1);
    expect(await leases()).toEqual({ held: 1, expired: 0, ended: 0 });
    await sentinel.port.renew('edge', 'r1');
    await until('it is quiet again', async () => (await value('alarm')) === 0);
  });

  it('has not looked at proxies that never answered', async () => {
    const blind = await startSentinel(['/nowhere/haproxy.sock'], 'dark');
    const text = await (await fetch(`${blind.url()}/metrics`)).text().finally(() => blind.close());
    expect(text).toContain('spillway_sentinel_last_look_age_seconds{target="dark"} -1\n');
  });
});
