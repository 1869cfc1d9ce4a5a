import { flagsContract } from '../../contracts/flags';
import { startUnleash, type TestUnleash } from '../../support/unleash';
import { testMeaning } from './unleash/meaning';
import { testRaces } from './unleash/races';
import { testRefusals } from './unleash/refusals';
import { flagsAt, removeAll } from './unleash/rig';
import { plain, rich, thirds } from './unleash/samples';

let unleash: TestUnleash;
beforeAll(async () => {
  unleash = await startUnleash();
  const constraints = [{ contextName: 'tenant', operator: 'IN', values: ['cog'] }];
  await unleash.admin('POST', '/segments', { name: 'cogs', constraints });
});
afterAll(() => unleash.stop());

flagsContract('of Unleash', () => Promise.resolve({ flags: flagsAt(unleash), close: () => removeAll(unleash) }), {
  values: [plain, rich, thirds, { enabled: false, strategies: [] }],
  short: [
    true,
    false,
    { percent: 10 },
    { tenants: ['acme'], percent: 5 },
    { versions: ['2.0.0'], tenants: ['acme'] },
    {
      enabled: true,
      strategies: [
        { name: 'flexibleRollout' },
        { name: 'default', constraints: [{ contextName: 'tenant', operator: 'IN', values: ['acme'] }] },
      ],
    },
  ],
});

testMeaning(() => unleash);
testRefusals(() => unleash);
testRaces(() => unleash);
