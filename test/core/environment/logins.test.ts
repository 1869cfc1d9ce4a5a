import { formatIssue } from '../../../src/core/descriptor/issue';
import { parseEnvironment } from '../../../src/core/environment/parse';
import { targetDigest } from '../../../src/core/plan/target-digest';
import { environmentOf } from '../../support/environment-of';

const parse = (logins: readonly object[], dsn = 'env:LOGIN_DSN') => {
  const login = { kind: 'postgres-login', dsn, logins };
  return parseEnvironment(JSON.stringify(environmentOf({ login })), 'environment.yaml');
};

const roles = (...names: readonly string[]) => {
  const parsed = parse(names.map((role) => ({ role, password: `env:${role.toUpperCase()}` })));
  return parsed.ok ? 'right' : parsed.issues.map(formatIssue).join('\n');
};

it('two roles are the logins of a credential', () => expect(roles('shop_a', 'shop_b')).toBe('right'));

it.each([
  ['one role', ['shop_a'], /2/],
  ['three roles', ['a', 'b', 'c'], /2/],
  ['one role twice', ['shop_a', 'shop_a'], /logins-alike.*both logins are "shop_a"/s],
  ['a role that could hold SQL', ['shop_a', 'b"; drop role a'], /letters, digits and _ \. - only/],
])('%s is refused', (_what, names, words) => expect(roles(...names)).toMatch(words));

it('stays the same target when a password is kept elsewhere, and not when a role or the server is another one', () => {
  const digest = (second: object = {}, dsn?: string): string => {
    const parsed = parse(
      [
        { role: 'shop_a', password: 'file:/a' },
        { role: 'shop_b', password: 'file:/b', ...second },
      ],
      dsn,
    );
    if (!parsed.ok) throw new Error(parsed.issues.map(formatIssue).join('\n'));
    return targetDigest(parsed.value, 'login');
  };
  expect(digest({ password: 'env:SHOP_B' })).toBe(digest());
  expect(digest({ role: 'shop_c' })).not.toBe(digest());
  expect(digest({}, 'env:ELSEWHERE')).not.toBe(digest());
});
