import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy';
import type { Split } from '../../../src/ports/traffic';
import { startHaproxy } from '../../support/haproxy';

const servers = { blue: 'blue', green: 'green' };
const slots = { blue: '127.0.0.1:9', green: '127.0.0.1:9' };
const closed: Split = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };

/** A socket that answers each question from a script, the last answer again and again. */
const startScript = async (answers: readonly (string | undefined)[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-script-'));
  const path = join(folder, 'a.sock');
  const open = new Set<Socket>();
  const asked: string[] = [];
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (text) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(String(text).trim());
      if (answer !== undefined) socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        open.forEach((socket) => socket.destroy());
        server.close(() => resolve());
        rmSync(folder, { recursive: true, force: true });
      }),
  };
};

const state = (blue: number, green: number, admin: number) =>
  `1\n# be_id be_name srv_id srv_name srv_admin_state srv_uweight\n3 shop 1 blue 0 ${blue}\n3 shop 2 green ${admin} ${green}\n\n`;

describe('HAProxy that answers badly', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
  const scripted = async (...answers: readonly (string | undefined)[]) => {
    const script = await startScript(answers);
    closers.push(script.close);
    return script;
  };
  const traffic = (sockets: readonly string[], backend = 'shop') =>
    createHaproxyTraffic({ backend, sockets, servers, timeoutMs: 200 });

  it('writes nothing after it stood still behind the order to write', async () => {
    const script = await scripted(state(80, 20, 0));
    const late = traffic([script.path]).writeWeights({ blue: 50, green: 50 });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    await expect(late).rejects.toMatchObject({
      code: 'TargetUnavailable',
      message: expect.stringMatching(/stood still/) as string,
    });
    expect(script.asked).toEqual(['show servers state shop']);
  });

  it('writes once more when a write is not visible, and is content then', async () => {
    const script = await scripted('\n\n\n\n', state(75, 25, 0), '\n\n\n\n', state(100, 0, 1));
    await traffic([script.path]).writeSplit(closed);
    expect(script.asked).toHaveLength(4);
  });

  it('says what was found and what was wanted when a write stays invisible', async () => {
    const script = await scripted('\n', state(75, 25, 0), '\n', state(75, 25, 0));
    await expect(traffic([script.path]).writeSplit(closed)).rejects.toMatchObject({
      code: 'NotConverged',
      message: expect.stringMatching(/a\.sock.*green 25 ready.*green 0 maint/) as string,
    });
  });

  it('gives up on a proxy that hangs, naming it and the time', async () => {
    const script = await scripted(undefined);
    await expect(traffic([script.path]).readSplit()).rejects.toMatchObject({
      code: 'TargetUnavailable',
      message: expect.stringMatching(/a\.sock.*200 ms/) as string,
    });
  });

  it('gives up on an endless answer', async () => {
    const script = await scripted('x'.repeat(17_000_000));
    await expect(traffic([script.path]).readSplit()).rejects.toMatchObject({
      code: expect.stringMatching(/TargetUnavailable/) as string,
    });
  });

  it('writes the proxies that answer even when one does not, and names that one', async () => {
    const script = await scripted('\n', state(100, 0, 1));
    const gone = join(tmpdir(), 'spillway-no-such.sock');
    await expect(traffic([gone, script.path]).writeSplit(closed)).rejects.toMatchObject({
      code: 'TargetUnavailable',
      message: expect.stringContaining(gone) as string,
    });
    expect(script.asked).toHaveLength(2);
  });

  it.each([
    ['drain', 8, { weight: 0, state: 'drain' }],
    ['maintenance while it drains', 9, { weight: 0, state: 'maint' }],
    ['inherited maintenance', 2, { weight: 50, state: 'maint' }],
    ['maintenance of the past configuration', 4, { weight: 50, state: 'ready' }],
    ['maintenance without an address', 32, { weight: 50, state: 'maint' }],
  ])('reads a server in %s', async (_, admin, green) => {
    const script = await scripted(state(50, 50, admin));
    expect((await traffic([script.path]).readSplit()).green).toEqual(green);
  });

  it.each(['shop; shutdown sessions', 'shop\nset', '', 'a b'])('refuses the backend name %j', (backend) => {
    expect(() => traffic(['/x'], backend)).toThrow(/no name of a HAProxy backend/);
  });

  it('refuses an address that is none', async () => {
    await expect(traffic(['haproxy']).readSplit()).rejects.toMatchObject({ code: 'Rejected' });
  });

  it('says which servers there are when a name is wrong, and that a backend is not there', async () => {
    const haproxy = await startHaproxy({ slots });
    closers.push(haproxy.close);
    const wrong = createHaproxyTraffic({
      backend: 'shop',
      sockets: haproxy.sockets,
      servers: { blue: 'blue', green: 'verde' },
    });
    const rejected = (text: RegExp) => ({ code: 'Rejected', message: expect.stringMatching(text) as string });
    await expect(wrong.readSplit()).rejects.toMatchObject(rejected(/blue, green, not both blue and verde/));
    await expect(wrong.writeSplit(closed)).rejects.toMatchObject(rejected(/No such server/));
    await expect(traffic(haproxy.sockets, 'nope').read()).rejects.toMatchObject(rejected(/nope.*Can't find backend/));
  });

  it('says that the socket may not write', async () => {
    const haproxy = await startHaproxy({ slots, level: 'operator' });
    closers.push(haproxy.close);
    await expect(traffic(haproxy.sockets).writeSplit(closed)).rejects.toMatchObject({
      code: 'Rejected',
      message: expect.stringMatching(/Permission denied/) as string,
    });
  });
});
