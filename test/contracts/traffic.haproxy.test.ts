import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy';
import { startHaproxy } from '../support/haproxy';
import { send, startSlotServer } from '../support/slot-servers';
import { until } from '../support/until';
import { trafficContract } from './traffic';

trafficContract('HAProxy, two of them', async () => {
  const blue = await startSlotServer('blue');
  const green = await startSlotServer('green');
  const haproxy = await startHaproxy({ slots: { blue: blue.address, green: green.address }, proxies: 2 });
  const port = createHaproxyTraffic({
    backend: haproxy.backend,
    sockets: haproxy.sockets,
    servers: { blue: 'blue', green: 'green' },
    timeoutMs: 2000,
  });
  return {
    port,
    async serve(slot, requests, bad) {
      for (let index = 0; index < requests; index += 1) {
        const front = haproxy.fronts[index % 2] ?? '';
        await send({ front, path: index < bad ? '/500' : '/', headers: { 'x-slot': slot } });
      }
    },
    async hold(slot, requests) {
      const server = { blue, green }[slot];
      const before = server.arrived();
      const open = Array.from({ length: requests }, (_, index) =>
        send({ front: haproxy.fronts[index % 2] ?? '', path: '/waits', headers: { 'x-slot': slot } }),
      );
      await until('the requests arrive', () => server.arrived() === before + requests);
      return async () => {
        server.answerWaiting();
        await Promise.all(open);
      };
    },
    failHealth: async (slot) => void (await haproxy.tell(`set server shop/${slot} health down`, 1)),
    async restart() {
      await haproxy.restart(0);
      for (const command of ['set server shop/green weight 0', 'set server shop/blue weight 100'])
        await haproxy.tell(command, 1);
    },
    async disagree({ blue, green }) {
      await haproxy.tell(`set server shop/blue weight ${blue.weight};set server shop/green weight ${green.weight}`, 1);
    },
    goAway: () => haproxy.kill(1),
    async close() {
      await haproxy.close();
      await Promise.all([blue.close(), green.close()]);
    },
  };
});
