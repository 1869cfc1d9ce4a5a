import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { crc32 } from 'node:zlib';
import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy';
import type { Members } from '../../../src/core/cohorts/members';
import { askHaproxy, cohortMapIn } from '../../../src/stack/haproxy';
import { startStack, type Stack } from '../../../src/stack/start-stack';
import type { Split, TrafficPort } from '../../../src/ports/traffic';
import { failure } from '../../support/failure';
import { startSlotServer } from '../../support/slot-servers';

const users = Array.from({ length: 400 }, (_, index) => `user-${index}`);
const placeOf = (user: string): number => crc32(user) % 10_000;
const open = (green: number, members?: Members): Split => ({
  blue: { weight: 100 - green, state: 'ready' },
  green: { weight: green, state: 'ready' },
  ...(members === undefined ? {} : { members }),
});
const acme = (green: number): Members => ({ 'tenant/acme': { blue: 100 - green, green } });

describe('HAProxy, with users and tenants', () => {
  let stack: Stack;
  let port: TrafficPort;
  let servers: Awaited<ReturnType<typeof startSlotServer>>[];
  const map = (): string => cohortMapIn(stack.runDirectory);
  const connect = (change: { map?: string; writesFile?: boolean; slotHeader?: string } = {}): TrafficPort =>
    createHaproxyTraffic({
      backend: 'shop',
      sockets: stack.haproxy.map(({ socketPath }) => socketPath),
      servers: { blue: 'blue', green: 'green' },
      assignment: 'identity',
      timeoutMs: 2_000,
      cohorts: {
        map: change.map ?? map(),
        writesFile: change.writesFile ?? true,
        probe: {
          urls: stack.haproxy.map(({ trafficUrl }) => trafficUrl),
          slotHeader: change.slotHeader ?? 'x-spillway-slot',
          timeoutMs: 2_000,
          headers: { tenant: 'x-tenant' },
        },
      },
    });
  const connectTo = (socket: string): TrafficPort =>
    createHaproxyTraffic({
      backend: 'shop',
      sockets: [socket],
      servers: { blue: 'blue', green: 'green' },
      timeoutMs: 2_000,
      cohorts: {
        map: map(),
        writesFile: false,
        probe: { urls: [], slotHeader: 'x-spillway-slot', timeoutMs: 2_000, headers: {} },
      },
    });
  const ask = (headers: { readonly [name: string]: string }): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request(stack.haproxy[0]?.trafficUrl ?? '', { headers: { ...headers, 'x-spillway-check': '1' } });
      sent.on('response', (answer) => {
        answer.resume();
        resolve(String(answer.headers['x-spillway-slot']));
      });
      sent.on('error', reject);
      sent.end();
    });
  const versions = (headers: { readonly [name: string]: string } = {}): Promise<readonly string[]> =>
    Promise.all(users.map((user) => ask({ ...headers, 'x-user-id': user })));
  const expected = (limit: number): readonly string[] =>
    users.map((user) => (placeOf(user) < limit ? 'green' : 'blue'));

  beforeAll(async () => {
    servers = [await startSlotServer('blue'), await startSlotServer('green')];
    const [blue = '', green = ''] = servers.map(({ address }) => address);
    stack = await startStack({ parts: ['haproxy'], haproxyCount: 2, slots: { blue, green } });
    port = connect();
  });
  afterAll(async () => {
    await stack.stop();
    await Promise.all(servers.map((server) => server.close()));
  });
  beforeEach(() => port.writeSplit({ blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } }));

  it('sends users by the hash of their identity, as many as the weights say, and the same ones always', async () => {
    for (const percent of [0, 5, 25, 60, 99]) {
      await port.writeSplit(open(percent));
      expect(await versions()).toEqual(expected(percent * 100));
    }
  });

  it('moves nobody back while a share grows', async () => {
    let before = await versions();
    for (const percent of [5, 25, 60]) {
      await port.writeSplit(open(percent));
      const now = await versions();
      expect(users.filter((_, index) => before[index] === 'green' && now[index] === 'blue')).toEqual([]);
      before = now;
    }
  });

  it('sends members by shares of their own, and nobody else', async () => {
    await port.writeSplit(open(0, acme(50)));
    expect(await versions({ 'x-tenant': 'acme' })).toEqual(expected(5_000));
    expect(new Set(await versions({ 'x-tenant': 'globex' }))).toEqual(new Set(['blue']));
    expect(new Set(await versions())).toEqual(new Set(['blue']));
    const anonymous = await Promise.all(users.map(() => ask({ 'x-tenant': 'acme' })));
    expect(new Set(anonymous)).toEqual(new Set(['blue', 'green']));
  });

  it('takes every member and every user to the baseline when the canary closes', async () => {
    await port.writeSplit(open(25, acme(100)));
    await port.writeSplit({
      blue: { weight: 75, state: 'ready' },
      green: { weight: 25, state: 'maint' },
      members: acme(100),
    });
    expect(new Set([...(await versions()), ...(await versions({ 'x-tenant': 'acme' }))])).toEqual(new Set(['blue']));
  });

  it('keeps users and members through a reload', async () => {
    await port.writeSplit(open(25, acme(100)));
    const before = await versions();
    for (const haproxy of stack.haproxy) await haproxy.reload();
    expect((await port.readSplit()).members).toEqual(acme(100));
    expect(await versions()).toEqual(before);
    expect(new Set(await versions({ 'x-tenant': 'acme' }))).toEqual(new Set(['green']));
  });

  it('leaves members alone when it writes weights, and none behind a split without', async () => {
    await port.writeSplit(open(0, acme(50)));
    await port.writeWeights({ blue: 75, green: 25 });
    expect(await port.readSplit()).toEqual(open(25, acme(50)));
    expect((await port.read()).split).toEqual(open(25, acme(50)));
    await port.writeSplit(open(25));
    expect(await port.readSplit()).toEqual(open(25));
    expect(readFileSync(map(), 'utf8')).toBe('');
  });

  it('never raises the share of a member on the way back', async () => {
    await port.writeSplit(open(0, acme(25)));
    const late = port.writeWeights({ blue: 100, green: 0 }, { falling: 'green', members: acme(50) });
    expect((await failure(late)).code).toBe('NotConverged');
    await port.writeWeights({ blue: 100, green: 0 }, { falling: 'green', members: acme(12) });
    expect(await port.readSplit()).toEqual(open(0, acme(12)));
  });

  it('writes hundreds of members at once', async () => {
    const members = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`tenant/customer-with-a-long-name-${index}`, { blue: 0, green: 100 }]),
    );
    await port.writeSplit(open(0, members));
    expect((await port.readSplit()).members).toEqual(members);
  });

  it('says which slot serves a member, at every proxy', async () => {
    await port.writeSplit(open(0, acme(100)));
    expect(await port.whoServes({ member: 'tenant/acme' })).toEqual(['green', 'green']);
    expect(await port.whoServes({ member: 'tenant/globex' })).toEqual(['blue', 'blue']);
    expect(await connect({ slotHeader: 'x-other' }).whoServes({ member: 'tenant/acme' })).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('says when proxies differ in their members', async () => {
    await port.writeSplit(open(0, acme(50)));
    const second = connectTo(stack.haproxy[1]?.socketPath ?? '');
    await second.writeSplit(open(0));
    expect((await port.read()).disagreement).toMatch(/members tenant\/acme blue 50 % green 50 %/);
    expect((await failure(port.readSplit())).code).toBe('NotConverged');
  });

  it('refuses members for a map that HAProxy does not have, and closes all the same', async () => {
    const lost = connect({ map: '/nowhere/cohorts.map' });
    const error = await failure(lost.writeSplit(open(0, acme(50))));
    expect([error.code, error.message]).toEqual([
      'Rejected',
      expect.stringMatching(/refuses map \/nowhere\/cohorts\.map/),
    ]);
    await lost.writeSplit({ blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } });
    expect((await lost.read()).split?.green.state).toBe('maint');
  });

  it('sees a row of somebody else, and writes over it', async () => {
    await port.writeSplit(open(0));
    for (const { socketPath } of stack.haproxy) await askHaproxy(socketPath, `add map ${map()} tenant/acme 20000`);
    expect((await port.readSplit()).members).toEqual(acme(100));
    await port.writeSplit(open(0));
    expect(await port.readSplit()).toEqual(open(0));
  });

  it('writes over a share that is a hundredth of a percent off', async () => {
    await port.writeSplit(open(0, acme(50)));
    for (const { socketPath } of stack.haproxy) await askHaproxy(socketPath, `set map ${map()} tenant/acme 5001`);
    await port.writeWeights({ blue: 100, green: 0 }, { members: acme(50) });
    expect(await port.readSplit()).toEqual(open(0, acme(50)));
  });

  it('refuses a member that holds a command', async () => {
    const name = `tenant/z 1;set server shop/green weight 77;add map ${map()} tenant/y`;
    const error = await failure(port.writeSplit(open(0, { [name]: { blue: 0, green: 100 } })));
    expect(error.message).toMatch(/is no member, such as tenant\/acme/);
    expect((await port.readSplit()).green.weight).toBe(0);
  });

  it('refuses members where the target has no map', async () => {
    const plain = createHaproxyTraffic({
      backend: 'shop',
      sockets: stack.haproxy.map(({ socketPath }) => socketPath),
      servers: { blue: 'blue', green: 'green' },
      timeoutMs: 2_000,
    });
    expect((await failure(plain.writeSplit(open(0, acme(50))))).message).toMatch(/have no map of members/);
    expect((await failure(plain.whoServes({ member: 'tenant/acme' }))).code).toBe('Rejected');
  });
});
