import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy';
import { createHaproxySampler } from '../../../src/adapters/traffic/haproxy-sampler';

/** A proxy of this many backends that keeps what it was asked. */
async function startProxy(backends: number) {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-sampler-'));
  const socket = join(folder, 'a.sock');
  const asked: string[] = [];
  const names = Array.from({ length: backends }, (_, index) => `s${index}`);
  const stateOf = (name: string): string =>
    ['blue', 'green'].map((server, id) => `3 ${name} ${id + 1} ${server} 0 ${id === 0 ? 100 : 0}`).join('\n');
  const header = '# be_id be_name srv_id srv_name srv_admin_state srv_uweight';
  const answerTo = (command: string): string => {
    const [, of] = /^show servers state ?(.*)$/.exec(command) ?? [];
    if (of === undefined) return command === 'show info' ? 'Pid: 7\nStart_time_sec: 1\n\n' : '# pxname,svname\n\n';
    const shown = names.filter((name) => of === '' || name === of);
    return shown.length === 0 ? "Can't find backend.\n\n" : `1\n${header}\n${shown.map(stateOf).join('\n')}\n\n`;
  };
  const server: Server = createServer((connection) => {
    connection.on('error', () => connection.destroy());
    connection.on('data', (text) => {
      const commands = String(text).trim().split(';');
      asked.push(commands.join(';'));
      connection.end(commands.map(answerTo).join(''));
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    names,
    socket,
    asked,
    async close() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe('the sampler of a HAProxy', () => {
  const opened: Awaited<ReturnType<typeof startProxy>>[] = [];
  afterEach(async () => {
    for (const proxy of opened.splice(0)) await proxy.close();
  });
  const rig = async (backends: number, shareMs = 100) => {
    const proxy = await startProxy(backends);
    opened.push(proxy);
    let nowMs = 0;
    const sampler = createHaproxySampler({ socket: proxy.socket, timeoutMs: 2_000, shareMs }, () => nowMs);
    return { ...proxy, sampler, pass: (ms: number) => (nowMs += ms) };
  };

  it('reads once an interval for all watchers of a backend', async () => {
    const { sampler, asked, pass } = await rig(1);
    const [first, second] = await Promise.all([sampler.read('s0'), sampler.read('s0')]);
    pass(99);
    expect(await sampler.read('s0')).toBe(first);
    expect(second).toBe(first);
    expect(asked).toHaveLength(1);
    pass(1);
    await sampler.read('s0');
    expect(asked).toHaveLength(2);
  });

  it('reads the backends of all watchers together, and no other', async () => {
    const { sampler, asked, pass } = await rig(5);
    await Promise.all(['s0', 's1', 's2'].map((backend) => sampler.read(backend)));
    pass(100);
    const { backends } = await sampler.read('s1');
    expect([...backends.keys()]).toEqual(['s0', 's1', 's2']);
    expect(await sampler.read('s0')).toBe(await sampler.read('s2'));
    expect(asked).toHaveLength(2);
  });

  it('forgets a backend that nobody has asked for in a second', async () => {
    const { sampler, pass } = await rig(2);
    await Promise.all([sampler.read('s0'), sampler.read('s1')]);
    pass(1_001);
    expect([...(await sampler.read('s1')).backends.keys()]).toEqual(['s1']);
  });

  it('asks for everything at once when many backends are watched', async () => {
    const { sampler, asked, names, pass } = await rig(300);
    await Promise.all(names.map((backend) => sampler.read(backend)));
    pass(100);
    const { backends } = await sampler.read('s299');
    expect(backends.size).toBe(300);
    expect(backends.get('s299')?.servers).toEqual({
      blue: { weight: 100, state: 'ready' },
      green: { weight: 0, state: 'ready' },
    });
    expect(asked.at(-1)).toBe('show servers state;show stat -1 4 -1;show info');
    expect(asked.length).toBeLessThan(4);
  });

  it('names the watched backends again where they turn out to be few among very many', async () => {
    const { sampler, asked, names, pass } = await rig(300);
    const watched = names.slice(0, 20);
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(watched.map((backend) => sampler.read(backend)));
      pass(100);
    }
    expect((await sampler.read('s0')).backends.size).toBe(20);
    expect(asked.at(-1)).toMatch(/^show servers state s0;/);
  });

  it('gives the others their readings beside a backend that is not there', async () => {
    const { sampler } = await rig(1);
    const [there, gone] = await Promise.all([sampler.read('s0'), sampler.read('nowhere')]);
    expect(there.backends.has('s0')).toBe(true);
    expect(gone.backends.has('nowhere')).toBe(false);
  });

  it('takes a new reading for whoever may not share', async () => {
    const { sampler, asked } = await rig(1, 0);
    await sampler.read('s0');
    await sampler.read('s0');
    expect(asked).toHaveLength(2);
  });

  it('gives whoever reads a target twice within an interval the same reading of it', async () => {
    const { sampler, socket, pass } = await rig(1);
    const servers = { blue: 'blue', green: 'green' };
    const port = createHaproxyTraffic({ backend: 's0', sockets: [socket], servers, sampler: () => sampler });
    const first = await port.read();
    expect(await port.read()).toBe(first);
    pass(100);
    expect(await port.read()).not.toBe(first);
  });

  it('gives a fault to all watchers of the interval, and tries again in the next', async () => {
    let nowMs = 0;
    const socket = join(tmpdir(), 'spillway-no-such-proxy.sock');
    const sampler = createHaproxySampler({ socket, timeoutMs: 2_000, shareMs: 100 }, () => nowMs);
    const faultOf = () =>
      sampler.read('s0').then(
        () => undefined,
        (error: unknown) => error,
      );
    const first = await faultOf();
    expect(first).toMatchObject({ code: 'TargetUnavailable' });
    expect(await faultOf()).toBe(first);
    nowMs = 100;
    const second = await faultOf();
    expect(second).toMatchObject({ code: 'TargetUnavailable' });
    expect(second).not.toBe(first);
  });
});
