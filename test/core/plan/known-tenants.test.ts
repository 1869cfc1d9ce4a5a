import { environmentSchema } from '../../../src/core/environment/schema';
import type { Json } from '../../../src/core/json';
import { refuseUnknownTenants } from '../../../src/core/plan/known-tenants';
import type { Refusal } from '../../../src/core/plan/refusal';
import { edgeTarget } from '../../support/edge-target';
import { environmentOf } from '../../support/environment-of';
import { refusalsOf } from './shop-sources';

const many = Array.from({ length: 5_000 }, (_, index) => `tenant-${index}`);
const cohortsOf = (attributes: object) => ({
  ...edgeTarget,
  cohorts: { ...edgeTarget.cohorts, attributes, named: {} },
});
const environment = environmentSchema.parse(
  environmentOf({
    edge: edgeTarget,
    regions: cohortsOf({ region: { header: 'x-region', values: ['eu'] } }),
    large: cohortsOf({ tenant: { header: 'x-tenant', values: many } }),
    bare: { kind: 'haproxy', backend: 'shop', sockets: ['/run/haproxy.sock'], stateFiles: 'none' },
    file: { kind: 'flag-file', path: 'flags.json' },
    flagd: { kind: 'flagd-file', path: 'flags.json' },
    unleash: { kind: 'unleash', url: 'http://127.0.0.1:4242', environment: 'production', token: 'env:TOKEN' },
  }),
);

function refused(value: Json, target: string, traffic: string | undefined): readonly Refusal[] {
  const refusals: Refusal[] = [];
  refuseUnknownTenants({ flag: 'two-names', target, value, at: 'flags[2]' }, { environment, traffic }, (refusal) => {
    refusals.push(refusal);
    return undefined;
  });
  return refusals;
}

describe('tenants of a flag', () => {
  it.each(['file', 'flagd', 'unleash'])(
    'are refused at a target of kind %s when one is unknown, with its place',
    (target) => {
      const [refusal, ...others] = refused({ tenants: ['acme', 'acmee'], percent: 5 }, target, 'edge');
      expect(others).toEqual([]);
      expect(refusal).toMatchObject({ code: 'unknown-tenant', kind: 'invalid' });
      expect(refusal?.message).toContain('`flags[2].value.tenants[1]`: flag `two-names` is for tenant `acmee`');
      expect(refusal?.message).toContain('`edge`');
      expect(refusal?.fix).toContain('Did you mean acme?');
    },
  );

  it.each<[string, Json, string, string | undefined]>([
    ['all are known', { tenants: ['acme', 'globex'] }, 'flagd', 'edge'],
    ['the target of traffic knows no cohorts', { tenants: ['nobody'] }, 'flagd', 'bare'],
    ['it knows regions alone', { tenants: ['nobody'] }, 'flagd', 'regions'],
    ['the target of traffic was refused itself', { tenants: ['nobody'] }, 'flagd', undefined],
    ["the value is the service's own", { tenants: ['nobody'], colour: 'red' }, 'file', 'edge'],
    ['it is a whole definition', { enabled: true, strategies: [], tenants: ['nobody'] }, 'unleash', 'edge'],
    ['they are no names', { tenants: [7, null] }, 'flagd', 'edge'],
    ['they are no list', { tenants: 'nobody' }, 'flagd', 'edge'],
    ['there are none', true, 'flagd', 'edge'],
    ['the value is a list', ['nobody'], 'file', 'edge'],
  ])('are not refused where %s', (_, value, target, traffic) => {
    expect(refused(value, target, traffic)).toEqual([]);
  });

  it('are told in few words, however many there are', () => {
    const refusals = refused({ tenants: Array.from({ length: 500 }, () => 'x'.repeat(5_000)) }, 'flagd', 'large');
    expect(refusals).toHaveLength(10);
    expect(refusals[0]?.message).toContain('a name longer than any has');
    expect(refusals[0]?.fix).toContain('It has 5000 others.');
  });
});

it('a plan with a flag for an unknown tenant is refused, beside what else is wrong', () => {
  const flags = [
    { flag: 'two-names', value: { tenants: ['acme'] } },
    { flag: 'dark', value: { tenants: ['hooli', 'acme'] } },
    { flag: 'bright', value: { cohort: 'nobody' } },
  ];
  const refusals = refusalsOf({ descriptor: { flags } });
  expect(refusals.map(({ code }) => code)).toEqual(['unknown-tenant', 'unknown-cohort']);
  expect(refusals[0]?.message).toContain('`flags[1].value.tenants[0]`');
});
