import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConfigurationFile } from '../../src/adapters/configuration/file';
import { createMemoryConfiguration } from '../../src/adapters/configuration/memory';
import type { ConfigurationPort } from '../../src/ports/configuration';
import { failure } from '../support/failure';
import { configurationAt, gitRepository } from '../support/git-repository';
import { temporaryDirectory } from '../support/temporary-directory';

type Slot = 'blue' | 'green';
type World = {
  readonly configuration: ConfigurationPort;
  text(slot: Slot): Promise<string | undefined>;
  setText(slot: Slot, text: string | undefined): Promise<void>;
  readonly close: () => Promise<void>;
};

async function fileWorld(): Promise<World> {
  const directory = await temporaryDirectory();
  const paths = { blue: join(directory.path, 'blue.json'), green: join(directory.path, 'green.json') };
  return {
    configuration: createConfigurationFile({ paths }),
    text: (slot) => readFile(paths[slot], 'utf8').catch(() => undefined),
    setText: (slot, text) => (text === undefined ? rm(paths[slot], { force: true }) : writeFile(paths[slot], text)),
    close: directory.remove,
  };
}

function memoryWorld(): Promise<World> {
  const configuration = createMemoryConfiguration();
  return Promise.resolve({
    configuration,
    text: (slot) => Promise.resolve(configuration.text(slot)),
    setText: (slot, text) => Promise.resolve(configuration.setText(slot, text)),
    close: () => Promise.resolve(),
  });
}

async function gitWorld(): Promise<World> {
  const repository = await gitRepository();
  const configuration = configurationAt(repository);
  const paths = { blue: 'shop/blue.json', green: 'shop/green.json' };
  return {
    configuration,
    text: (slot) => Promise.resolve(repository.bytes(paths[slot])?.toString()),
    setText: (slot, text) => Promise.resolve(void repository.write(paths[slot], text)),
    close: async () => {
      await configuration.close();
      await repository.remove();
    },
  };
}

describe.each([
  ['file', fileWorld],
  ['git', gitWorld],
  ['memory', memoryWorld],
])('configuration %s', (_, open) => {
  const slots = { baseline: 'blue', canary: 'green' } as const;
  const earlier = '{ "old":1 }\r\n';
  let world: World;
  beforeEach(async () => {
    world = await open();
    await world.setText('blue', '{"pool": 5, "mode": "a", "nested": {"x": [1.50]}}');
    await world.setText('green', earlier);
  });
  afterEach(() => world.close());
  const canary = async (): Promise<unknown> => JSON.parse((await world.text('green')) ?? 'null');

  it('gives the canary the document of the baseline with the values merged in', async () => {
    const before = await world.text('blue');
    await world.configuration.apply(slots, { pool: 9, mode: null, 'a.b': true }, 'r1');
    expect(await canary()).toEqual({ pool: 9, nested: { x: [1.5] }, 'a.b': true });
    expect(await world.text('blue')).toBe(before);
  });

  it('reads the keys that a slot has, and no others', async () => {
    expect([...(await world.configuration.read('blue', ['pool', 'gone', 'nested', '__proto__', 'toString']))]).toEqual([
      ['pool', 5],
      ['nested', { x: [1.5] }],
    ]);
    await world.setText('blue', undefined);
    expect([...(await world.configuration.read('blue', ['pool']))]).toEqual([]);
    await world.setText('blue', '[1]');
    expect((await failure(world.configuration.read('blue', ['pool']))).code).toBe('Rejected');
  });

  it('reads back whether every key is applied', async () => {
    const set = { pool: 9, mode: null };
    expect(await world.configuration.isApplied(slots, set)).toBe(false);
    await world.configuration.apply(slots, set, 'r1');
    expect(await world.configuration.isApplied(slots, set)).toBe(true);
    expect(await world.configuration.isApplied(slots, { pool: '9' })).toBe(false);
    expect(await world.configuration.isApplied(slots, { toString: null, pool: 9 })).toBe(true);
    await world.setText('green', undefined);
    expect(await world.configuration.isApplied(slots, { mode: null })).toBe(false);
    await world.setText('green', 'pool: 9');
    expect(await world.configuration.isApplied(slots, { mode: null })).toBe(false);
  });

  it('restores the earlier bytes exactly, however often it was applied', async () => {
    const before = await world.configuration.digest('green');
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    const once = await world.configuration.digest('green');
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    expect(await world.configuration.digest('green')).toBe(once);
    await world.configuration.apply(slots, { pool: 10 }, 'r1');
    await world.configuration.restore(slots, 'r1');
    expect(await world.text('green')).toBe(earlier);
    expect(await world.configuration.digest('green')).toBe(before);
  });

  it('restores the absence of a document', async () => {
    await world.setText('green', undefined);
    expect(await world.configuration.digest('green')).toBe('absent');
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    expect(await world.configuration.digest('green')).toMatch(/^sha256:[0-9a-f]{64}$/);
    await world.configuration.restore(slots, 'r1');
    expect(await world.configuration.digest('green')).toBe('absent');
  });

  it('restores once: a second restore, or one of a release that never applied, changes nothing', async () => {
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    const applied = await world.configuration.digest('green');
    await world.configuration.restore(slots, 'r2');
    expect(await world.configuration.digest('green')).toBe(applied);
    await world.configuration.restore(slots, 'r1');
    await world.setText('green', '{"mended": true}');
    await world.configuration.restore(slots, 'r1');
    expect(await world.text('green')).toBe('{"mended": true}');
  });

  it('restores again what a late writer applied after the rollback', async () => {
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    await world.configuration.restore(slots, 'r1');
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    await world.configuration.restore(slots, 'r1');
    expect(await world.text('green')).toBe(earlier);
  });

  it('keeps the earlier bytes of two releases apart', async () => {
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    const afterFirst = await world.text('green');
    await world.configuration.apply(slots, { pool: 10 }, 'r2');
    await world.configuration.restore(slots, 'r2');
    expect(await world.text('green')).toBe(afterFirst);
    await world.configuration.restore(slots, 'r1');
    expect(await world.text('green')).toBe(earlier);
  });

  it('puts back what it found, though somebody else changed the document since', async () => {
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    await world.setText('green', '{"theirs": true}');
    await world.configuration.restore(slots, 'r1');
    expect(await world.text('green')).toBe(earlier);
  });

  it('keeps what it found even when there was nothing to change', async () => {
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    const same = await world.text('green');
    await world.configuration.apply(slots, { pool: 9 }, 'r2');
    await world.setText('green', '{"theirs": true}');
    await world.configuration.restore(slots, 'r2');
    expect(await world.text('green')).toBe(same);
  });

  it('begins with an empty document when the baseline has none', async () => {
    await world.setText('blue', undefined);
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    expect(await canary()).toEqual({ pool: 9 });
  });

  it.each(['[1]', '"text"', 'null', '', '{"pool": 5', '{"id": 12345678901234567890}'])(
    'refuses the baseline document %j and changes nothing',
    async (text) => {
      await world.setText('blue', text);
      const error = await failure(world.configuration.apply(slots, { pool: 9 }, 'r1'));
      expect(error.code).toBe('Rejected');
      expect(await world.text('green')).toBe(earlier);
    },
  );

  it('puts back even bytes that are no document', async () => {
    await world.setText('green', 'not json at all');
    await world.configuration.apply(slots, { pool: 9 }, 'r1');
    await world.configuration.restore(slots, 'r1');
    expect(await world.text('green')).toBe('not json at all');
  });
});
