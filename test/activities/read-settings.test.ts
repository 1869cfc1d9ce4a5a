import { readSettings } from '../../src/activities/read-settings';
import type { Ports } from '../../src/activities/ports';
import type { Effect } from '../../src/core/plan/effects';
import { planOf } from '../core/plan/shop-sources';
import { createMemoryWorld, type MemoryWorld } from '../support/memory-world';

const effects: readonly Effect[] = [
  {
    kind: 'configure',
    key: 'configure/limits',
    target: 'limits',
    set: { limit: 2, mode: 'fast', old: null, password: 'env:NEXT' },
  },
  {
    kind: 'flag',
    key: 'flag/switches/two-names',
    target: 'switches',
    flag: 'two-names',
    value: true,
    killSwitch: false,
  },
];
const document = JSON.stringify({ limit: 1, mode: 'fast', password: 'hunter2' });

let world: MemoryWorld;
beforeEach(() => {
  world = createMemoryWorld('test');
  world.configuration.setText('blue', document);
});
afterEach(() => world.close());

const read = (sealKey = world.ports.sealKey) => {
  const ports = { ...world.ports, sealKey } as Ports;
  return readSettings(ports, { ...planOf(), effects }, { patienceMs: 60_000 });
};
const texts = async () => (await read()).settings.map(({ title, before, after }) => [title, before.text, after.text]);

it('tells what the baseline has and what it will be beside, and no text of the target', async () => {
  expect(await texts()).toEqual([
    ['limit of limits', 'as it is now (1)', '= 2'],
    ['mode of limits', 'as it is now', '= "fast"'],
    ['old of limits', 'as it is now (not there)', 'taken out'],
    ['password of limits', 'as it is now', '= "env:NEXT"'],
    ['flag two-names', 'as it is now (not there)', '= true'],
  ]);
  expect(JSON.stringify(await read())).not.toContain('hunter2');
});

it('gives a value that stays one digest, and each other one of its own', async () => {
  const [limit, mode, old] = (await read()).settings;
  expect(mode?.before.digest).toBe(mode?.after.digest);
  expect(old?.before.digest).toBe(old?.after.digest);
  expect(limit?.before.digest).not.toBe(limit?.after.digest);
});

it('gives digests that nobody can find out by guessing', async () => {
  const other = await read(new TextEncoder().encode('another key for tests that is long enough'));
  expect(other.settings[3]?.before.digest).not.toBe((await read()).settings[3]?.before.digest);
});

it('knows no baseline while both slots serve, or none', async () => {
  world.ports.traffic('edge').readSplit = () =>
    Promise.resolve({ blue: { weight: 50, state: 'ready' }, green: { weight: 50, state: 'ready' } } as never);
  const { settings, faults } = await read();
  expect(settings[0]?.before).toEqual({ text: 'as it is now (not known)' });
  expect(faults).toEqual([
    'What limits has for the baseline now is not known: edge: not exactly one slot serves, so none is the baseline.',
  ]);
});
