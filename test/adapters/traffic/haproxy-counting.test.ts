import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy';
import type { HaproxyRig } from '../../support/haproxy';
import { startHaproxy } from '../../support/haproxy';
import { send, startSlotServer } from '../../support/slot-servers';
import type { SlotServer } from '../../support/slot-servers';
import { until } from '../../support/until';

const once = ['retries 1'];
const retryOn = [
  'retry-on conn-failure empty-response response-timeout',
  'http-request disable-l7-retry unless METH_GET',
];
const redispatch = ['option redispatch 1', ...retryOn];

type Case = {
  readonly title: string;
  readonly path: string;
  readonly lines: readonly string[];
  readonly green: { readonly requests: number; readonly bad: number };
  readonly dead?: boolean;
};

const three = (bad: 0 | 3) => ({ requests: 3, bad });
const cases: readonly Case[] = [
  { title: 'good answers', path: '/', lines: once, green: three(0) },
  { title: 'answers 404', path: '/404', lines: once, green: three(0) },
  { title: 'answers 500', path: '/500', lines: once, green: three(3) },
  { title: 'answers 500, with retries', path: '/500', lines: retryOn, green: three(3) },
  { title: 'interim answers before good ones', path: '/hints', lines: once, green: three(0) },
  { title: 'closed without an answer', path: '/silent', lines: once, green: three(3) },
  { title: 'closed without an answer, with retries', path: '/silent', lines: retryOn, green: three(3) },
  { title: 'no answer in time', path: '/hangs', lines: once, green: three(3) },
  { title: 'no answer in time, with retries', path: '/hangs', lines: retryOn, green: three(3) },
  { title: 'broken off in the middle of an answer', path: '/breaks', lines: once, green: three(3) },
  { title: 'broken off in the middle, with retries', path: '/breaks', lines: retryOn, green: three(3) },
  { title: 'stalled in the middle of an answer', path: '/stalls', lines: once, green: three(3) },
  { title: 'refused connections', path: '/', lines: once, green: three(3), dead: true },
  { title: 'refused connections, with retries', path: '/', lines: retryOn, green: three(3), dead: true },
  { title: 'failures hidden by another server', path: '/', lines: redispatch, green: three(3), dead: true },
];

describe('HAProxy counters', () => {
  const opened: (HaproxyRig | SlotServer)[] = [];
  afterEach(async () => {
    for (const { close } of opened.splice(0).reverse()) await close();
  });

  it.each(cases)('count each request once: $title', async ({ path, lines, green, dead }) => {
    const servers = { blue: await startSlotServer('blue'), green: await startSlotServer('green') };
    opened.push(servers.blue, servers.green);
    const slots = { blue: servers.blue.address, green: servers.green.address };
    const haproxy = await startHaproxy({ slots, backendLines: lines });
    opened.push(haproxy);
    const port = createHaproxyTraffic({
      backend: 'shop',
      sockets: haproxy.sockets,
      servers: { blue: 'blue', green: 'green' },
      timeoutMs: 2000,
    });
    await port.writeSplit({ blue: { weight: 0, state: 'ready' }, green: { weight: 100, state: 'ready' } });
    if (dead === true) await servers.green.close();
    const front = haproxy.fronts[0] ?? '';
    if (lines === redispatch) await haproxy.tell('set server shop/blue weight 100');
    for (let sent = 0; sent < 3; sent += 1) await send({ front, path, headers: { 'x-slot': 'green' } });
    await until('the failures are counted', async () => (await port.read()).counters.green.bad >= green.bad);
    expect((await port.read()).counters.green).toEqual(green);
  });
});
