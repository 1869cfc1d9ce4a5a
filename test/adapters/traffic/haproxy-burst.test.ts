import { Agent } from 'node:http';
import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy';
import { seededRandom } from '../../../src/core/seeded-random';
import { startHaproxy } from '../../support/haproxy';
import { send, startSlotServer } from '../../support/slot-servers';

/** A canary that grows, and one step of its way back. */
const walk = [1, 20, 50, 33.3, 0];

it('gives no slot a burst above its share after a shift, up or down', async () => {
  const [blue, green] = await Promise.all([startSlotServer('blue'), startSlotServer('green')]);
  const haproxy = await startHaproxy({ slots: { blue: blue.address, green: green.address } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const front = haproxy.fronts[0] ?? '';
  const servers = { blue: 'blue', green: 'green' };
  const port = createHaproxyTraffic({ backend: 'shop', sockets: haproxy.sockets, servers, timeoutMs: 2_000 });
  const random = seededRandom(11);
  const found = [];
  for (const share of Array.from({ length: 12 }, () => walk).flat()) {
    await port.writeSplit({
      blue: { weight: 100 - share, state: 'ready' },
      green: { weight: share, state: 'ready' },
    });
    // The place in HAProxy's own cycle decides how large a burst would be.
    const requests = Math.floor(random() * 1_000);
    let ahead = 0;
    for (let count = 0; count < requests; count += 1) {
      ahead += ((await send({ front, agent })).body === 'green' ? 1 : 0) - share / 100;
      if (Math.abs(ahead) > 3) found.push({ share, count, ahead });
    }
  }
  agent.destroy();
  await haproxy.close();
  await Promise.all([blue.close(), green.close()]);
  expect(found).toEqual([]);
});
