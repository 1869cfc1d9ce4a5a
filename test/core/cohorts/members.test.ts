import fc from 'fast-check';
import { lowerMembers, membersOf, isAnyRaised, isSameMembers } from '../../../src/core/cohorts/members';
import { judgeLeak } from '../../../src/core/cohorts/leak';
import { outsidersOf } from '../../../src/core/cohorts/outside';
import { exposureOf, isSameSplit, loweredTo, splitOf } from '../../../src/activities/splits';
import { shopSources } from '../plan/shop-sources';

const roles = fc.constantFrom(
  { baseline: 'blue', canary: 'green' } as const,
  { baseline: 'green', canary: 'blue' } as const,
);
const share = fc.integer({ min: 1, max: 100 });
const cohorts = fc.uniqueArray(fc.record({ member: fc.constantFrom('t/a', 't/b', 't/c'), canaryPercent: share }), {
  selector: ({ member }) => member,
});

describe('the shares of members', () => {
  it('never rise on the way back, whatever the step', () => {
    fc.assert(
      fc.property(roles, cohorts, fc.integer({ min: 0, max: 100 }), share, (both, inside, weight, toPercent) => {
        const before = splitOf(both, weight, 'ready', inside);
        const after = loweredTo(before, both, toPercent);
        expect(after[both.canary].weight).toBeLessThanOrEqual(before[both.canary].weight);
        expect(isAnyRaised(before.members ?? {}, after.members ?? {}, both.canary)).toBe(false);
        expect(exposureOf(after, both)).toBeLessThanOrEqual(toPercent);
      }),
      { seed: 1 },
    );
  });

  it('are gone at the end of the way back', () => {
    fc.assert(
      fc.property(roles, cohorts, (both, inside) => {
        const before = splitOf(both, 0, 'ready', inside);
        expect(isSameSplit(loweredTo(before, both, 0), splitOf(both, 0, 'ready'))).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it('are the same only for the same members', () => {
    const both = { baseline: 'blue', canary: 'green' } as const;
    const one = membersOf([{ member: 't/a', canaryPercent: 50 }], both);
    expect(isSameMembers(one, one)).toBe(true);
    expect(isSameMembers(one, lowerMembers(one, both, 25))).toBe(false);
    expect(isSameMembers(one, membersOf([{ member: 't/b', canaryPercent: 50 }], both))).toBe(false);
    expect(isSameMembers(one, undefined)).toBe(false);
    expect(isSameMembers(undefined, {})).toBe(true);
  });

  it('are others by a hundredth of a percent, and not by what a proxy rounds', () => {
    const half = { 't/a': { blue: 50, green: 50 } };
    const shown = (green: number) => ({ 't/a': { blue: 100 - green, green } });
    expect(isSameMembers(half, shown(50.01))).toBe(false);
    fc.assert(
      fc.property(roles, fc.double({ min: 0.01, max: 100, noNaN: true }), (both, canaryPercent) => {
        const set = membersOf([{ member: 't/a', canaryPercent }], both);
        const green = Math.round((set['t/a']?.green ?? 0) * 100) / 100;
        expect(isSameMembers(set, shown(green))).toBe(true);
        expect(isSameMembers(set, shown(green + 0.02))).toBe(false);
      }),
      { seed: 1 },
    );
  });
});

describe('who is outside', () => {
  const { environment } = shopSources();
  const outside = (target: string, ...inside: readonly string[]) =>
    outsidersOf(
      environment,
      target,
      inside.map((member) => ({ member, canaryPercent: 100 })),
      'seed',
    );
  const namesOf = (isListed: boolean, member: string) =>
    outside('edge', member)?.flatMap((one) => (one.isListed === isListed ? [one.name] : []));

  it('is every member of the same attribute that no cohort names', () => {
    expect(namesOf(true, 'tenant/acme')).toEqual(['tenant/globex', 'tenant/initech']);
    expect(namesOf(true, 'region/eu')).toEqual(['region/us']);
  });

  it('is whoever says nothing, and a value of the attribute that no list names', () => {
    const unlisted = (attribute: string): unknown =>
      expect.stringMatching(new RegExp(`^${attribute}/u[0-9a-f]{16}, which no list names,$`));
    expect(namesOf(false, 'tenant/acme')).toEqual(['a request without tenant', unlisted('tenant')]);
    expect(namesOf(false, 'region/eu')).toEqual(['a request without region', unlisted('region')]);
    expect(outside('edge', 'region/eu')?.[0]?.asker).toEqual({});
  });

  it('is not known where the target knows no such attribute', () => {
    expect(outside('edge', 'plan/gold')).toBeUndefined();
    expect(outside('runner', 'tenant/acme')).toBeUndefined();
    expect(outside('edge')).toBeUndefined();
  });
});

test.each([
  [{ kind: 'asking' }, 'inconclusive'],
  [{ kind: 'clean', members: 3 }, 'pass'],
  [{ kind: 'leak', who: 'tenant/globex' }, 'fail'],
  [{ kind: 'unknown', detail: 'no connection' }, 'inconclusive'],
] as const)('a probe that says %j is %s', (reading, value) => {
  expect(judgeLeak({ stageIndex: 0, ...reading })).toMatchObject({ guardrail: true, value });
});
