import { join } from 'node:path';
import { createFlagFile } from '../../src/adapters/flags/file';
import { createMemoryFlags } from '../../src/adapters/flags/memory';
import type { FlagsPort } from '../../src/ports/flags';
import { temporaryDirectory } from '../support/temporary-directory';

type World = { readonly flags: FlagsPort; readonly close: () => Promise<void> };

async function fileWorld(): Promise<World> {
  const directory = await temporaryDirectory();
  return { flags: createFlagFile({ path: join(directory.path, 'flags.json') }), close: directory.remove };
}

const memoryWorld = (): Promise<World> =>
  Promise.resolve({ flags: createMemoryFlags(), close: () => Promise.resolve() });

describe.each([
  ['file', fileWorld],
  ['memory', memoryWorld],
])('flags %s', (_, open) => {
  let world: World;
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());

  it('reads a flag that does not exist as undefined', async () => {
    expect(await world.flags.read('new-basket')).toBeUndefined();
    expect(await world.flags.read('toString')).toBeUndefined();
  });

  it.each([[true], [false], [null], [0], [''], ['dark'], [[1, 'a']], [{ percent: 5, tenants: ['a'] }]])(
    'reads back %j',
    async (value) => {
      await world.flags.write('new-basket', value);
      await world.flags.write('new-basket', value);
      expect(await world.flags.read('new-basket')).toEqual(value);
    },
  );

  it('removes a flag by writing undefined, also one that is not there', async () => {
    await world.flags.write('new-basket', undefined);
    await world.flags.write('new-basket', true);
    await world.flags.write('new-basket', undefined);
    expect(await world.flags.read('new-basket')).toBeUndefined();
  });

  it('loses no flag when many are written at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `flag-${index}`);
    await Promise.all(names.map((name) => world.flags.write(name, name)));
    expect(await Promise.all(names.map((name) => world.flags.read(name)))).toEqual(names);
  });
});
