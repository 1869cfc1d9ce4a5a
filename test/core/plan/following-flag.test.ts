import { describePlan } from '../../../src/core/plan/describe';
import { isSetting, lastOfEach } from '../../../src/core/drift/drift';
import { settingCount } from '../../../src/core/plan/setting-count';
import { planOf, refusalsOf } from './shop-sources';

type Fields = { readonly [key: string]: unknown };

const following = (change: Fields = {}) => ({
  flags: [{ flag: 'two-names', value: true, follows: 'traffic', ...change }],
});
const flagdTarget = { kind: 'flagd-file', path: 'flags.json' };
const planned = (change: Fields = {}) =>
  planOf({ descriptor: following({ target: 'providers', ...change }), targets: { providers: flagdTarget } });

it('first it is for the version of the release, and right before the promotion for everybody', () => {
  const plan = planned();
  expect(plan.effects.filter(({ kind }) => kind === 'flag')).toMatchObject([
    { key: 'flag/providers/two-names', value: { versions: ['2.0.0'] }, follows: 'traffic' },
    { key: 'flag/providers/two-names/everybody', value: { percent: 100 }, isOpening: true },
  ]);
  expect(plan.stages.find(({ id }) => id === 'configure')).toMatchObject({ effects: ['flag/providers/two-names'] });
  expect(plan.stages.slice(-2)).toMatchObject([
    { kind: 'apply', id: 'open-flags', effects: ['flag/providers/two-names/everybody'] },
    { kind: 'promote' },
  ]);
});

it('whom it is limited to it stays limited to', () => {
  const [first, second] = planned({ value: { tenants: ['acme'], percent: 20 } }).effects;
  expect(first).toMatchObject({ value: { tenants: ['acme'], percent: 20, versions: ['2.0.0'] } });
  expect(second).toMatchObject({ value: { tenants: ['acme'], percent: 20 } });
});

it("in a file of the service's own the last value is the one that was written", () => {
  expect(planOf({ descriptor: following() }).effects[1]).toMatchObject({ value: true, isOpening: true });
});

it('both are undone, and it counts as one setting', () => {
  const plan = planned();
  expect(plan.rollback.map(({ title }) => title)).toEqual(
    expect.arrayContaining([
      'Restore flag two-names at providers',
      'Restore flag two-names at providers, if everybody has it',
    ]),
  );
  expect(settingCount(plan)).toBe(1);
});

it('a person reads both', () => {
  const text = describePlan(planned()).replaceAll(/\n +/g, ' ');
  expect(text).toContain('flag two-names = {"versions":["2.0.0"]}, for whoever is served by this version');
  expect(text).toContain('flag two-names = {"percent":100}, right before the promotion');
});

it.each<[string, Fields, RegExp]>([
  ['a kill switch', { killSwitch: true }, /is a kill switch and follows the traffic/],
  ['false', { value: false }, /its value is false/],
  ['a variant', { value: 'dark' }, /its value is "dark"/],
  ['a whole definition', { value: { state: 'ENABLED', variants: { on: true } } }, /its value is/],
  ['nothing', { value: {} }, /its value is/],
])('%s cannot follow', (_what, change, message) => {
  expect(refusalsOf({ descriptor: following(change) })).toMatchObject([
    { code: 'flag-cannot-follow', message: expect.stringMatching(message) as string },
  ]);
});

it('only what was set last of a flag is watched for drift', () => {
  const settings = planned()
    .effects.filter(isSetting)
    .map((effect) => ({ effect, mac: '' }));
  expect(lastOfEach(settings).map(({ effect }) => effect.key)).toEqual(['flag/providers/two-names/everybody']);
  expect(lastOfEach(settings.slice(0, 1)).map(({ effect }) => effect.key)).toEqual(['flag/providers/two-names']);
});

it('the same flag at two targets, and configuration, are watched each for itself', () => {
  const { effects } = planOf({
    descriptor: {
      flags: [
        { flag: 'a', value: true },
        { flag: 'a', value: true, target: 'providers' },
      ],
      configuration: [{ set: { a: 1 } }],
    },
    targets: { providers: flagdTarget },
  });
  const settings = effects.filter(isSetting).map((effect) => ({ effect }));
  expect(lastOfEach(settings)).toEqual(settings);
});
