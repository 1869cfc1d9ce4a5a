import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy';
import { cohortMapIn } from '../../../src/stack/haproxy';
import { startStack, type Stack } from '../../../src/stack/start-stack';
import type { Split, TrafficPort } from '../../../src/ports/traffic';
import { failure } from '../../support/failure';

const split = (green: number, state: 'ready' | 'maint' = 'ready'): Split => ({
  blue: { weight: 100 - green, state: 'ready' },
  green: { weight: green, state },
});

describe('the files that HAProxy begins with', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ parts: ['haproxy'], haproxyCount: 2 });
  });
  afterAll(() => stack.stop());
  const files = (): readonly string[] => stack.haproxy.map(({ stateFilePath }) => stateFilePath);
  const connect = (
    stateFiles: readonly string[],
    map = cohortMapIn(stack.runDirectory),
    writesFile = true,
  ): TrafficPort =>
    createHaproxyTraffic({
      backend: 'shop',
      sockets: stack.haproxy.map(({ socketPath }) => socketPath),
      servers: { blue: 'blue', green: 'green' },
      timeoutMs: 2_000,
      stateFiles,
      cohorts: { map, writesFile, probe: { urls: [], slotHeader: 'x-slot', timeoutMs: 2_000, headers: {} } },
    });

  it('bring back the split after a restart, at every proxy', async () => {
    const port = connect(files());
    for (const wanted of [split(25), split(99), split(0, 'maint')]) {
      await port.writeSplit(wanted);
      await Promise.all(stack.haproxy.map((haproxy) => haproxy.restart()));
      expect(await port.readSplit()).toEqual(wanted);
    }
    await port.writeSplit(split(5));
    await port.writeWeights({ blue: 75, green: 25 });
    await Promise.all(stack.haproxy.map((haproxy) => haproxy.restart()));
    expect(await port.readSplit()).toEqual(split(25));
  });

  it('are refused before anybody more is exposed when they cannot be written, and keep nobody from going back', async () => {
    const port = connect(['/nowhere/one.state', '/nowhere/two.state']);
    const error = await failure(port.writeSplit(split(25)));
    expect(error.message).toMatch(/\/nowhere\/one\.state.*ENOENT/);
    const lowered = await port.writeWeights({ blue: 90, green: 10 }, { falling: 'green' });
    expect(lowered.unkept).toMatch(/\/nowhere\/two\.state: cannot be written \(ENOENT\)/);
    const { unkept } = await port.writeSplit(split(0, 'maint'));
    expect(unkept).toMatch(/\/nowhere\/one\.state: cannot be written \(ENOENT\).*begins with the split of before/);
    expect(await port.readSplit()).toEqual(split(0, 'maint'));
  });

  it('of members keep nobody from going back, too', async () => {
    const members = { 'tenant/acme': { blue: 0, green: 100 } };
    const port = connect(files());
    await port.writeSplit({ ...split(0), members });
    const map = cohortMapIn(stack.runDirectory);
    expect(readFileSync(map, 'utf8')).toBe('tenant/acme 10000\n');
    await port.writeSplit(split(0, 'maint'));
    expect(readFileSync(map, 'utf8')).toBe('');
  });

  it('are tried at every proxy, the map too, and stay as they are', async () => {
    const map = cohortMapIn(stack.runDirectory);
    await connect(files()).writeSplit(split(0));
    const all = [...files(), map];
    // Neither what HAProxy shows nor empty: whatever is written would be seen.
    all.forEach((file) => writeFileSync(file, 'as it was'));
    await connect(files()).tryFiles();
    expect(all.map((file) => readFileSync(file, 'utf8'))).toEqual(all.map(() => 'as it was'));
    await connect(files()).writeSplit(split(0, 'maint'));
  });

  it('are told by name when one of several cannot be written', async () => {
    const [one = ''] = files();
    const wrong = await failure(connect([one, '/nowhere/two.state']).tryFiles());
    expect(wrong.message).toMatch(/^\/nowhere\/two\.state: cannot be written \(ENOENT\)/);
    const both = await failure(
      connect(['/nowhere/one.state', '/nowhere/two.state'], '/nowhere/cohorts.map').tryFiles(),
    );
    for (const name of ['one.state', 'two.state', 'cohorts.map']) expect(both.message).toContain(`/nowhere/${name}: `);
  });

  it('are not tried where somebody else keeps them', async () => {
    const map = '/nowhere/cohorts.map';
    await connect([], map, false).tryFiles();
    expect((await failure(connect([], map).tryFiles())).message).toContain(map);
    // The map is of HAProxy's configuration: members are written there, and no file.
    expect(await connect([], cohortMapIn(stack.runDirectory), false).writeSplit(split(0, 'maint'))).toEqual({});
  });

  it('are named when it is HAProxy that does not say what to write', async () => {
    const [file = ''] = files();
    const port = createHaproxyTraffic({
      backend: 'shop',
      sockets: ['/nowhere/admin.sock'],
      servers: { blue: 'blue', green: 'green' },
      stateFiles: [file],
    });
    const { code, message } = await failure(port.tryFiles());
    expect([code, message]).toEqual([
      'TargetUnavailable',
      expect.stringContaining(`${file}: cannot be written; HAProxy`),
    ]);
  });

  it('are left as they are when HAProxy does not say how it is', async () => {
    const [file = ''] = files();
    const copy = join(dirname(file), 'copy.state');
    writeFileSync(copy, 'as it was');
    const port = createHaproxyTraffic({
      backend: 'shop',
      sockets: ['/nowhere/admin.sock'],
      servers: { blue: 'blue', green: 'green' },
      stateFiles: [copy],
    });
    expect((await failure(port.writeSplit(split(25)))).code).toBe('TargetUnavailable');
    expect(readFileSync(copy, 'utf8')).toBe('as it was');
  });
});
