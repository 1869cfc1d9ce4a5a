import { membersOf, parseMembers } from '../../bench/config/member-map';

const row = (member: string, value: number) => `0x5626e0 ${member} ${value}\n`;
const tenants = { acme: 100, globex: 25.5 };

describe('the map that drift is measured by', () => {
  it.each([
    ['green', 10_000, 2_550],
    ['blue', 0, 7_450],
  ] as const)('reads as set, in any order, with the canary in %s', (canary, acme, globex) => {
    expect(parseMembers(row('tenant/globex', globex) + row('tenant/acme', acme))).toBe(membersOf(tenants, canary));
  });

  it.each([
    ['a row is gone', row('tenant/acme', 10_000)],
    ['a share is a hundredth of a percent off', row('tenant/acme', 10_000) + row('tenant/globex', 2_551)],
    ['a member stands there twice', row('tenant/acme', 10_000).repeat(2) + row('tenant/globex', 2_550)],
    [
      'somebody outside is added',
      row('tenant/acme', 10_000) + row('tenant/globex', 2_550) + row('tenant/initech', 10_000),
    ],
  ])('reads as another one when %s', (_fact, answer) => {
    expect(parseMembers(answer)).not.toBe(membersOf(tenants, 'green'));
  });
});
