import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { runCli } from '../../src/cli/program';
import { startHaproxy, type HaproxyRig } from '../support/haproxy';
import { startSentinel, type SentinelProcess } from '../support/sentinel';
import { temporaryDirectory } from '../support/temporary-directory';
import { createTestIo } from '../support/test-io';

const roles = { baseline: 'blue', canary: 'green' } as const;

describe('spillway close', () => {
  let haproxy: HaproxyRig;
  let sentinel: SentinelProcess;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  const file = () => join(directory.path, 'sentinel.yaml');
  beforeAll(async () => {
    directory = await temporaryDirectory();
    haproxy = await startHaproxy({ slots: { blue: '127.0.0.1:9', green: '127.0.0.1:9' }, proxies: 2 });
    sentinel = await startSentinel(haproxy.sockets);
    const content = {
      apiVersion: 'spillway/v1',
      kind: 'sentinel',
      token: 'env:TOKEN',
      stateFile: sentinel.stateFile,
      targets: { edge: { backend: 'shop', sockets: haproxy.sockets } },
    };
    await writeFile(file(), stringify(content));
    await sentinel.stop(); // Everything but the proxies is down.
  });
  afterAll(async () => {
    await sentinel.close();
    await haproxy.close();
    await directory.remove();
  });

  async function close(args: readonly string[], answer?: string) {
    const test = createTestIo(answer === undefined ? {} : { answer });
    const code = await runCli(['close', '--file', file(), ...args], test.io);
    return { code, out: test.out(), err: test.err() };
  }
  const expose = () => Promise.all([0, 1].map((proxy) => haproxy.tell('set server shop/green weight 50', proxy)));

  it('does not guess the baseline, and closes what is named', async () => {
    await expose();
    const refused = await close(['edge', '--yes']);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('the baseline is not guessed');
    const closed = await close(['edge', '--baseline', 'blue', '--yes']);
    expect(closed).toMatchObject({ code: 0 });
    expect(closed.out.match(/now blue 100 ready, green 0 maint/g)).toHaveLength(2);
  });

  it('takes the baseline from what the sentinel kept, and asks first', async () => {
    await sentinel.start();
    await sentinel.port.hold('edge', { release: 'r1', roles, phase: 'exposing', ceilingPercent: 50, ttlMs: 600_000 });
    await sentinel.stop();
    expect((await close(['edge'])).err).toContain('nobody can be asked');
    expect((await close(['edge'], 'no')).err).toContain('nothing was changed');
    const closed = await close(['edge', '--json'], 'yes');
    expect(JSON.parse(closed.out)).toMatchObject({ ok: true, serving: 'blue' });
    expect((await close(['edge', '--baseline', 'green'], 'no')).err).toContain('the sentinel knows blue');
  });

  it('names the proxy that it cannot close, and closes the others', async () => {
    await expose();
    await haproxy.tell('set server shop/green state ready', 1);
    await haproxy.kill(0);
    const { code, out } = await close(['edge', '--baseline', 'blue', '--yes']);
    expect(code).toBe(1);
    expect(out).toMatch(/✖ .*0\.sock: .*does not answer/);
    expect(out).toMatch(/✔ .*1\.sock: before .*; now blue 100 ready, green 0 maint/);
  });

  it('says which targets there are', async () => {
    expect((await close(['back', '--yes'])).err).toContain('it has edge');
    expect((await close(['edge', '--baseline', 'red', '--yes'])).err).toContain('--baseline wants blue or green');
  });
});
