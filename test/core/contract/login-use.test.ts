import { reportLoginUse } from '../../../src/core/contract/login-use';
import { without } from '../../../src/core/without';
import { judgeQuiet } from '../../../src/core/contract/quiet';

const login = { login: 'shop_a', target: 'login', state: 'open' } as const;
const use = (
  atMs: number,
  more: { calls?: number; epoch?: string; sessions?: readonly string[]; blind?: string } = {},
) => ({
  atMs,
  sessions: [],
  unlistedCount: 0,
  calls: 7,
  ...more,
});
const rule = { quietMs: 1_000, checkEveryMs: 500 };

it('the first look begins the quiet time', () => {
  const report = reportLoginUse(login, use(5_000));
  expect(report).toMatchObject({ removes: ['login shop_a of login'], quietMs: 0 });
  expect(judgeQuiet(report, rule, false)).toMatchObject({ isQuiet: false });
});

it('it is quiet once nobody was seen for as long as asked', () => {
  const first = reportLoginUse(login, use(5_000));
  const later = reportLoginUse(login, use(5_900), first);
  expect(later.quietMs).toBe(900);
  const last = reportLoginUse(login, use(6_000), later);
  expect(judgeQuiet(last, rule, false)).toEqual({ isQuiet: true });
});

it.each([
  ['statements', { calls: 9 }, /it ran 2 statements since the last look/],
  ['a reset of the counts', { calls: 3 }, /pg_stat_statements was reset/],
  ['another epoch of them', { epoch: 'later' }, /was reset or forgot statements/],
])('%s begin it anew', (_what, more, why) => {
  const first = reportLoginUse(login, use(5_000));
  const report = reportLoginUse(login, use(9_000, more), first);
  expect(report.quietMs).toBe(0);
  expect(judgeQuiet(report, rule, false)).toMatchObject({ isQuiet: false, why: expect.stringMatching(why) as string });
});

it('a session stands against it outright, waived or not, and begins the time anew', () => {
  const first = reportLoginUse(login, use(5_000));
  const report = reportLoginUse(login, use(9_000, { sessions: ['billing from 10.0.0.7'] }), first);
  expect(report.quietMs).toBe(0);
  const why = expect.stringMatching(/needed by session billing from 10\.0\.0\.7/) as string;
  expect(judgeQuiet(report, rule, true)).toMatchObject({ isQuiet: false, why });
  expect(judgeQuiet(report, { ...rule, quietMs: 0 }, false)).toMatchObject({ isQuiet: false, why });
});

it('what cannot be counted is never taken for quiet, unless somebody answers for it', () => {
  const uncounted = without(use(5_000, { blind: 'nobody can be seen' }), 'calls');
  const first = reportLoginUse(login, uncounted);
  const later = reportLoginUse(login, { ...uncounted, atMs: 99_000 }, first);
  expect(judgeQuiet(later, rule, false)).toMatchObject({ isQuiet: false });
  expect(judgeQuiet(later, rule, true)).toEqual({ isQuiet: true });
});

it('what can be counted at last begins anew', () => {
  const uncounted = without(use(5_000, { blind: 'nobody can be seen' }), 'calls');
  const report = reportLoginUse(login, use(9_000), reportLoginUse(login, uncounted));
  expect(report).toMatchObject({ quietMs: 0, lost: expect.stringMatching(/could not be counted/) as string });
});

it('a configuration that serves and names it stands against it, waived or not', () => {
  const namedBy = [{ kind: 'configuration', name: 'limits of blue, which serves' }];
  const report = reportLoginUse({ ...login, namedBy }, use(5_000));
  expect(judgeQuiet(report, { ...rule, quietMs: 0 }, true)).toMatchObject({
    isQuiet: false,
    why: expect.stringMatching(/needed by configuration limits of blue/) as string,
  });
});

it.each(['revoked', 'taken'] as const)('a login that is %s already has nobody to wait for', (state) => {
  const report = reportLoginUse({ ...login, state }, use(5_000));
  expect(judgeQuiet(report, rule, false)).toEqual({ isQuiet: true });
});
