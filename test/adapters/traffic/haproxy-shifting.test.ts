import { Agent } from 'node:http';
import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy';
import type { Split, TrafficPort } from '../../../src/ports/traffic';
import type { HaproxyRig } from '../../support/haproxy';
import { startHaproxy } from '../../support/haproxy';
import type { SlotServer } from '../../support/slot-servers';
import { send, sendMany, startSlotServer } from '../../support/slot-servers';

const split = (green: number, state: 'ready' | 'maint' = 'ready'): Split => ({
  blue: { weight: 100 - green, state: 'ready' },
  green: { weight: green, state },
});

describe('traffic through HAProxy', () => {
  let blue: SlotServer;
  let green: SlotServer;
  let haproxy: HaproxyRig;
  let port: TrafficPort;
  let front: string;

  beforeEach(async () => {
    blue = await startSlotServer('blue');
    green = await startSlotServer('green');
    haproxy = await startHaproxy({
      slots: { blue: blue.address, green: green.address },
      backendLines: ['cookie SLOT insert indirect nocache dynamic', 'dynamic-cookie-key key'],
    });
    front = haproxy.fronts[0] ?? '';
    port = createHaproxyTraffic({
      backend: 'shop',
      sockets: haproxy.sockets,
      servers: { blue: 'blue', green: 'green' },
      timeoutMs: 2000,
    });
  });
  afterEach(async () => {
    await haproxy.close();
    await Promise.all([blue.close(), green.close()]);
  });

  it.each([5, 25, 50, 99])('gives the canary %s percent of the requests', async (percent) => {
    await port.writeSplit(split(percent));
    const before = await port.read();
    const seen = await sendMany({ front }, 10_000);
    const after = await port.read();
    expect(seen.failed).toBe(0);
    expect(Math.abs(seen.green / 100 - percent)).toBeLessThanOrEqual(0.5);
    expect(after.counters.green.requests - before.counters.green.requests).toBe(seen.green);
    expect(after.counters.blue.requests - before.counters.blue.requests).toBe(seen.blue);
  });

  it('starts no request on a closed slot, whatever keep-alive connection or cookie asks for it', async () => {
    await port.writeSplit(split(100));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await send({ front, agent });
    expect(first.body).toBe('green');
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    await port.writeSplit(split(0));
    expect((await send({ front, agent, headers: { cookie } })).body).toBe('green');

    await port.writeSplit(split(0, 'maint'));
    const arrived = green.arrived();
    const pinned = await sendMany({ front, headers: { cookie } }, 500);
    expect((await send({ front, agent, headers: { cookie } })).body).toBe('blue');
    expect(pinned).toEqual({ blue: 500, green: 0, failed: 0 });
    expect(green.arrived()).toBe(arrived);
    agent.destroy();
  });

  it('loses no request while everybody moves from one slot to the other and back', async () => {
    let isMoving = true;
    const moving = (async () => {
      while (isMoving) {
        await port.writeSplit({ blue: { weight: 0, state: 'maint' }, green: { weight: 100, state: 'ready' } });
        await port.writeSplit(split(0, 'maint'));
      }
    })();
    const seen = await sendMany({ front }, 10_000);
    isMoving = false;
    await moving;
    expect(seen.failed).toBe(0);
    expect(seen.green).toBeGreaterThan(0);
  });
});
