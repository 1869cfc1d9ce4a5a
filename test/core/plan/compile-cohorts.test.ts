import type { ExposeStage } from '../../../src/core/plan/stages';
import { planOf, refusalsOf } from './shop-sources';

const exposures = (cohorts: readonly object[], more: object = {}): readonly ExposeStage[] =>
  planOf({ descriptor: { cohorts, stages: [{ canaryPercent: 25 }], ...more } }).stages.filter(
    (stage): stage is ExposeStage => stage.kind === 'expose',
  );
const codes = (cohorts: readonly object[]): readonly string[] =>
  refusalsOf({ descriptor: { cohorts } }).map(({ code }) => code);

describe('cohorts of a descriptor', () => {
  it('come before everybody, each with those of the ones before, and keep the canary', () => {
    const found = exposures([
      { cohort: 'early-adopters' },
      { cohort: 'partners', canaryPercent: 50, bakeTime: '2m', minRequests: 7 },
    ]);
    expect(found.map(({ id, canaryPercent, cohorts }) => [id, canaryPercent, cohorts])).toEqual([
      ['expose-early-adopters-100', 0, [{ member: 'tenant/acme', canaryPercent: 100 }]],
      [
        'expose-partners-50',
        0,
        [
          { member: 'tenant/acme', canaryPercent: 100 },
          { member: 'tenant/globex', canaryPercent: 50 },
        ],
      ],
      [
        'expose-25',
        25,
        [
          { member: 'tenant/acme', canaryPercent: 100 },
          { member: 'tenant/globex', canaryPercent: 50 },
        ],
      ],
      [
        'expose-full',
        99,
        [
          { member: 'tenant/acme', canaryPercent: 100 },
          { member: 'tenant/globex', canaryPercent: 99 },
        ],
      ],
    ]);
    expect(found[1]).toMatchObject({
      title: 'Send 50 % of cohort `partners` (2 tenants) to the canary',
      bakeMs: 120_000,
      minRequests: 7,
    });
  });

  it('may wait for a gate', () => {
    const { stages } = planOf({
      descriptor: { gates: { go: {} }, cohorts: [{ cohort: 'partners', gate: 'go' }] },
    });
    const ids = stages.map(({ id }) => id);
    expect(ids.indexOf('gate-go')).toBe(ids.indexOf('expose-partners-100') - 1);
  });

  it('grow', () => {
    expect(
      codes([
        { cohort: 'partners', canaryPercent: 10 },
        { cohort: 'partners', canaryPercent: 50 },
      ]),
    ).toEqual([]);
    expect(codes([{ cohort: 'partners' }, { cohort: 'early-adopters' }])).toEqual(['cohort-exposed-before']);
    expect(
      codes([
        { cohort: 'partners', canaryPercent: 50 },
        { cohort: 'partners', canaryPercent: 10 },
      ]),
    ).toEqual(['cohort-exposed-before']);
  });

  it('are known to the environment', () => {
    const [refusal] = refusalsOf({ descriptor: { cohorts: [{ cohort: 'early-adopter' }] } });
    expect(refusal?.code).toBe('unknown-cohort');
    expect(refusal?.message).toMatch(/early-adopters/);
  });

  it('go by one attribute', () => {
    expect(codes([{ cohort: 'partners' }, { cohort: 'europe' }])).toEqual(['overlapping-cohorts']);
  });

  it('are held to the floors and the gates of the policy', () => {
    const descriptor = { cohorts: [{ cohort: 'partners', bakeTime: '1m' }], stages: [{ canaryPercent: 5 }] };
    const floors = refusalsOf({ descriptor, policy: { floors: { minBakeTime: '10m' } } });
    expect(floors.map(({ message }) => message)).toEqual([
      'Cohort `partners` bakes for 1m; policy `acme` asks for at least 10m.',
    ]);
    const gated = planOf({
      descriptor,
      policy: { requiredGates: [{ beforeCanaryPercent: 50, approvals: 1, from: ['leads'] }] },
    }).stages.map(({ id }) => id);
    expect(gated.indexOf('gate-policy-50')).toBe(gated.indexOf('expose-partners-100') - 1);
  });

  it('change nothing for a release without them', () => {
    for (const stage of exposures([])) expect(stage.cohorts).toBeUndefined();
  });
});
