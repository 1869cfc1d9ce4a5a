import { splitCommands, weightCommands } from '../../../src/adapters/traffic/haproxy-commands';
import type { Servers } from '../../../src/adapters/traffic/haproxy-split';

const backend = { name: 'shop', servers: { blue: 'b', green: 'g' } };

const ready = (blue: number, green: number): Servers => ({
  blue: { weight: blue, state: 'ready' },
  green: { weight: green, state: 'ready' },
});
const closed: Servers = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };

it.each([
  ['opens the slot that takes over before it closes the other', ready(50, 50), closed, 'b 100;b ready;g maint;g 0'],
  ['raises the canary before it lowers the baseline', closed, ready(95, 5), 'g 5;g ready;b 0;b 95;b ready'],
  ['raises the baseline before it lowers the canary', ready(50, 50), ready(95, 5), 'b 95;b ready;g 0;g 5;g ready'],
  [
    'raises nobody above the wanted share on the way to it',
    ready(7, 1),
    ready(75, 25),
    'b 75;b ready;g 0;g 25;g ready',
  ],
  ['nor where both fall', ready(199, 57), ready(80, 20), 'g 20;g ready;b 0;b 80;b ready'],
])('%s', (_, found, wanted, commands) => {
  expect(splitCommands(backend, wanted, found).replaceAll(/set server shop\/| weight| state/g, '')).toBe(commands);
});

it.each([
  ['the one that rises, and the other anew', ready(80, 20), { blue: 50, green: 50 }, 'g 50;b 0;b 50'],
  ['the one that rises, on the way back', ready(50, 50), { blue: 80, green: 20 }, 'b 80;g 0;g 20'],
  ['the one that stays, where the other leaves', ready(50, 50), { blue: 100, green: 0 }, 'b 100;g 0'],
  ['one in maint, and leaves the other in service', closed, { blue: 80, green: 20 }, 'g 20;b 80'],
])('writes weights of %s first', (_, found, wanted, commands) => {
  expect(weightCommands(backend, wanted, found).replaceAll(/set server shop\/| weight/g, '')).toBe(commands);
});
