import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy';
import { startHaproxy } from '../support/haproxy';
import { send, startSlotServer } from '../support/slot-servers';
import { temporaryDirectory } from '../support/temporary-directory';
import { until } from '../support/until';
import { trafficContract } from './traffic';

/** Of 10,000 places green has the lowest: of a region as many as the map says, of an identity as many as its weight. */
const rulesOf = (map: string): readonly string[] => [
  'http-request set-var(txn.region) req.fhdr(x-region)',
  'http-request set-var(txn.user) req.cook(uid)',
  'acl has_identity var(txn.user) -m found',
  'http-request set-var(txn.place) rand(10000)',
  'http-request set-var(txn.place) var(txn.user),crc32,mod(10000) if has_identity',
  'http-request set-var(txn.green) srv_uweight(shop/green)',
  'http-request set-var(txn.all) srv_uweight(shop/blue),add(txn.green)',
  'http-request set-var(txn.limit) var(txn.green),mul(10000)',
  `http-request set-var(txn.own) str(region/),concat(,txn.region),map_str_int(${map})`,
  'acl is_member var(txn.own) -m found',
  'http-request set-var(txn.all) int(1) if is_member',
  'http-request set-var(txn.limit) var(txn.own) if is_member',
  'http-request set-var(txn.probe) req.hdr(x-spillway-check)',
  'http-response set-header x-spillway-slot %[srv_name] if { var(txn.probe) -m found }',
  'http-request set-var(txn.beyond) var(txn.place),mul(txn.all),sub(txn.limit)',
  'acl is_below var(txn.beyond) -m int lt 0',
  'use-server green if is_member is_below',
  'use-server green if has_identity is_below',
  'use-server blue if is_member !is_below',
  'use-server blue if has_identity !is_below',
];

trafficContract('HAProxy, two of them', async () => {
  const blue = await startSlotServer('blue');
  const green = await startSlotServer('green');
  const directory = await temporaryDirectory();
  const kept = join(directory.path, 'kept');
  const map = join(kept, 'cohorts.map');
  const stateFiles = ['one.state', 'two.state'].map((name) => join(kept, name));
  await mkdir(kept);
  await Promise.all([map, ...stateFiles].map((file) => writeFile(file, '')));
  const haproxy = await startHaproxy({
    slots: { blue: blue.address, green: green.address },
    proxies: 2,
    hasUrls: true,
    backendLines: rulesOf(map),
  });
  const port = createHaproxyTraffic({
    backend: haproxy.backend,
    sockets: haproxy.sockets,
    servers: { blue: 'blue', green: 'green' },
    timeoutMs: 2000,
    stateFiles,
    cohorts: {
      map,
      writesFile: true,
      probe: {
        urls: haproxy.urls,
        slotHeader: 'x-spillway-slot',
        timeoutMs: 2000,
        headers: { region: 'x-region' },
        identity: { cookie: 'uid' },
      },
    },
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
    async files() {
      const names = (await readdir(kept)).sort();
      return Promise.all(names.map(async (name) => `${name}: ${await readFile(join(kept, name), 'utf8')}`));
    },
    async lockFiles() {
      const away = join(directory.path, 'away');
      await rename(kept, away);
      return () => rename(away, kept);
    },
    async close() {
      await haproxy.close();
      await Promise.all([blue.close(), green.close(), directory.remove()]);
    },
  };
});
