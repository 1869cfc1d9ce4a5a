import { environmentSchema } from '../../../src/core/environment/schema';
import { describePlan } from '../../../src/core/plan/describe';
import { flagValue } from '../../../src/core/plan/flag-value';
import type { Json } from '../../../src/core/json';
import type { Refusal } from '../../../src/core/plan/refusal';
import { edgeTarget } from '../../support/edge-target';
import { environmentOf } from '../../support/environment-of';
import { planOf, refusalsOf } from './shop-sources';

const environment = environmentSchema.parse(
  environmentOf({
    edge: {
      ...edgeTarget,
      cohorts: { ...edgeTarget.cohorts, named: { ...edgeTarget.cohorts.named, back: { tenant: ['initech', 'acme'] } } },
    },
    bare: { kind: 'haproxy', backend: 'shop', sockets: ['/run/haproxy.sock'], stateFiles: 'none' },
    file: { kind: 'flag-file', path: 'flags.json' },
    flagd: { kind: 'flagd-file', path: 'flags.json' },
    unleash: { kind: 'unleash', url: 'http://127.0.0.1:4242', environment: 'production', token: 'env:TOKEN' },
  }),
);
const kinds = ['file', 'flagd', 'unleash'] as const;

function valueOf(value: Json, target = 'flagd', traffic: string | undefined = 'edge') {
  const refusals: Refusal[] = [];
  const given = flagValue({ flag: 'two-names', target, value }, { environment, traffic }, (refusal) => {
    refusals.push(refusal);
    return undefined;
  });
  return { given, refusals };
}

describe('a cohort as the value of a flag', () => {
  it.each(kinds)('becomes the tenants of it at a target of kind %s', (target) => {
    expect(valueOf({ cohort: 'partners' }, target)).toEqual({
      given: { value: { tenants: ['acme', 'globex'] }, cohort: 'partners' },
      refusals: [],
    });
    expect(valueOf({ percent: 50, cohort: 'partners' }, target).given?.value).toEqual({
      tenants: ['acme', 'globex'],
      percent: 50,
    });
  });

  it('is the same whatever the order in which the environment names the tenants', () => {
    expect(valueOf({ cohort: 'back' }).given?.value).toEqual({ tenants: ['acme', 'initech'] });
  });

  it.each([0, 100])('may be limited to %s percent', (percent) => {
    expect(valueOf({ cohort: 'partners', percent }).given?.value).toMatchObject({ percent });
  });

  it.each<[string, Json, string]>([
    ['a definition of flagd', { state: 'ENABLED', variants: { on: true }, cohort: 'partners' }, 'flagd'],
    ['a definition of Unleash', { enabled: true, strategies: [], cohort: 'partners' }, 'unleash'],
    ["a value of the service's own", { cohort: 'partners', colour: 'red' }, 'file'],
    ['a cohort that is no text', { cohort: 7 }, 'flagd'],
    ['a list', ['cohort'], 'flagd'],
    ['tenants by name', { tenants: ['acme'], percent: 5 }, 'flagd'],
    ['a text', 'partners', 'flagd'],
    ['a switch', false, 'flagd'],
  ])('is not meant by %s', (_, value, target) => {
    expect(valueOf(value, target)).toEqual({ given: { value }, refusals: [] });
  });

  it.each<[string, Json, string]>([
    ['tenants beside it', { cohort: 'partners', tenants: ['acme'] }, '`tenants` stands beside it'],
    ['another key beside it', { cohort: 'partners', percnt: 5 }, '"percnt" stands beside it'],
    ['more than everybody', { cohort: 'partners', percent: 101 }, '`percent` is no whole number from 0 to 100'],
    ['less than nobody', { cohort: 'partners', percent: -1 }, '`percent` is no whole number from 0 to 100'],
    ['a part of a percent', { cohort: 'partners', percent: 0.5 }, '`percent` is no whole number from 0 to 100'],
    ['a share in words', { cohort: 'partners', percent: '50' }, '`percent` is no whole number from 0 to 100'],
    ['no share', { cohort: 'partners', percent: null }, '`percent` is no whole number from 0 to 100'],
    ['a name that nobody may have', { cohort: 'p'.repeat(64) }, 'the name is longer than that of any cohort'],
  ])('is refused with %s', (_, value, why) => {
    const { given, refusals } = valueOf(value);
    expect([given, refusals.map(({ code, kind }) => [code, kind])]).toEqual([
      undefined,
      [['wrong-flag-cohort', 'invalid']],
    ]);
    expect(refusals[0]?.message).toContain(why);
    expect(refusals[0]?.fix).toContain('{ cohort: NAME, percent: 50 }');
  });

  it.each<[string, string, string, string]>([
    ['partner', 'edge', 'unknown-cohort', 'Did you mean `partners`?'],
    ['constructor', 'edge', 'unknown-cohort', 'Known: early-adopters, partners, europe'],
    ['partners', 'bare', 'no-cohorts', 'traffic target `bare` of the environment knows no cohorts'],
    ['europe', 'edge', 'cohort-without-tenants', 'goes by region'],
  ])('%s at %s is refused as %s', (cohort, traffic, code, why) => {
    const { given, refusals } = valueOf({ cohort }, 'flagd', traffic);
    expect([given, refusals.map((refusal) => refusal.code)]).toEqual([undefined, [code]]);
    expect(refusals[0]?.message).toContain(`Flag \`two-names\` is for cohort \`${cohort}\``);
    expect(refusals[0]?.message).toContain(why);
  });

  it('is not refused once more where the traffic target itself was', () => {
    const refusals = refusalsOf({
      descriptor: {
        service: 'bent',
        flags: [{ flag: 'two-names', target: 'switches', value: { cohort: 'partners' } }],
      },
    });
    expect(refusals.map(({ code }) => code)).toEqual(['wrong-target-kind', 'unknown-target']);
  });
});

describe('a plan with a flag for a cohort', () => {
  const flags = [
    { flag: 'two-names', value: { cohort: 'partners', percent: 50 } },
    { flag: 'stop-checkout', value: { cohort: 'early-adopters' }, killSwitch: true },
    { flag: 'dark', value: { tenants: ['acme'] } },
  ];
  const plan = planOf({ descriptor: { flags } });

  it('holds plain tenants and says whose they are', () => {
    expect(plan.effects.filter(({ kind }) => kind === 'flag')).toMatchObject([
      { flag: 'two-names', value: { tenants: ['acme', 'globex'], percent: 50 }, cohort: 'partners' },
      { flag: 'stop-checkout', value: { tenants: ['acme'] }, cohort: 'early-adopters', killSwitch: true },
      { flag: 'dark', value: { tenants: ['acme'] } },
    ]);
    expect(plan.effects.some((effect) => effect.kind === 'flag' && effect.flag === 'dark' && 'cohort' in effect)).toBe(
      false,
    );
  });

  it.each([
    'flag two-names = {"tenants":["acme","globex"],"percent":50}, the tenants of cohort partners',
    'flag stop-checkout = {"tenants":["acme"]}, the tenants of cohort early-adopters (kill switch)',
  ])('shows %s', (words) => {
    expect(describePlan(plan).replaceAll(/\n +/g, ' ')).toContain(words);
  });

  it('is not made when the value is refused', () => {
    const wrong = [{ flag: 'two-names', value: { cohort: 'partners', tenants: ['acme'] } }];
    expect(refusalsOf({ descriptor: { flags: wrong } }).map(({ code }) => code)).toEqual(['wrong-flag-cohort']);
  });
});
