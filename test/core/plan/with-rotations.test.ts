import { describePlan } from '../../../src/core/plan/describe';
import type { Plan } from '../../../src/core/plan/plan';
import type { NamedLogin } from '../../../src/core/plan/rotation';
import { withRotations } from '../../../src/core/plan/with-rotations';
import { everything, planOf, refusalsOf } from './shop-sources';

type Fields = { readonly [key: string]: unknown };

const rotates: Fields = { credentials: { setting: 'databaseLogin' } };
const service = { credentials: 'login' };
const rotated = (more: Fields = {}, named: NamedLogin = { login: 'shop_a' }) =>
  withRotations(planOf({ descriptor: { ...more, ...rotates }, service }), { login: named });
function planned(more: Fields = {}, named?: NamedLogin): Plan {
  const found = rotated(more, named);
  if (!found.ok) throw new Error(JSON.stringify(found.refusals));
  return found.plan;
}
const ids = (plan: Plan) => plan.stages.map(({ id }) => id);

it('a plan without credentials stays as it is', () => {
  const plan = planOf();
  expect(withRotations(plan, {})).toEqual({ ok: true, plan });
});

it('the other login becomes valid, then the canary is told, then it is deployed', () => {
  const plan = planned();
  expect(ids(plan).slice(0, 3)).toEqual(['rotate', 'configure', 'deploy']);
  expect(plan.effects.slice(0, 2)).toMatchObject([
    { kind: 'rotate', key: 'rotate/login', login: 'shop_b', from: 'shop_a' },
    { kind: 'configure', key: 'configure/limits', set: { databaseLogin: 'shop_b' } },
  ]);
});

it('it goes back and forth', () => {
  expect(planned({}, { login: 'shop_b' }).effects[0]).toMatchObject({ login: 'shop_a', from: 'shop_b' });
});

it('what else the release sets there stays in one effect, in its own stage', () => {
  const plan = planned(everything);
  expect(ids(plan).slice(0, 6)).toEqual(['expand', 'backfill', 'verify', 'rotate', 'configure', 'deploy']);
  const configure = plan.effects.filter(({ kind }) => kind === 'configure');
  expect(configure).toMatchObject([{ set: { timeoutMs: 800, retries: 2, databaseLogin: 'shop_b' } }]);
  expect(plan.stages.find(({ id }) => id === 'configure')).toMatchObject({
    effects: ['configure/limits', 'flag/switches/two-names', 'flag/switches/stop-checkout'],
  });
});

it('the new login goes back behind the canary and the configuration that names it', () => {
  const { rollback } = planned();
  expect(rollback.find(({ effectKey }) => effectKey === 'rotate/login')).toEqual({
    effectKey: 'rotate/login',
    title: 'Take login shop_b at login back',
    requires: ['deploy/shop', 'configure/limits'],
  });
});

it('contract revokes the old login, as carefully as the descriptor says', () => {
  const { contract, warnings } = planned({ contract: { quiet: '3d', renamed: '2h' } });
  expect(contract).toMatchObject([
    { kind: 'revoke', key: 'revoke/login', login: 'shop_a', rule: { quietMs: 259_200_000, renamedMs: 7_200_000 } },
  ]);
  expect(warnings).toContainEqual(expect.stringMatching(/^Contract revokes login shop_a of login/));
});

it('every effect names its target by digest, and all of them are read', () => {
  const { effects, contract, targets, targetDigests } = planned();
  for (const effect of [...effects, ...contract]) expect(effect.targetDigest).toBe(targetDigests[effect.target]);
  expect(targets).toMatchObject({ credentials: ['login'], configuration: ['limits'] });
});

it('a person reads which login is replaced by which', () => {
  expect(describePlan(planned()).replaceAll(/\n +/g, ' ')).toContain(
    'login: login shop_a → shop_b, named by databaseLogin of limits; contract revokes shop_a',
  );
});

it.each<[string, NamedLogin, string, RegExp]>([
  ['nothing', { login: undefined }, 'login-unknown', /`databaseLogin` in .* is not there; .* `shop_a` or `shop_b`/],
  ['another login', { login: 'root' }, 'login-unknown', /is `root`/],
  ['something else', { login: { name: 'shop_a' } }, 'login-unknown', /is no text/],
  ['what nobody could read', { fault: 'limits: no answer' }, 'login-not-known', /limits: no answer/],
])('a configuration that names %s is refused', (_what, named, code, message) => {
  expect(rotated({}, named)).toMatchObject({
    ok: false,
    refusals: [{ code, message: expect.stringMatching(message) as string }],
  });
});

it('a release that does not rotate gives the canary what the baseline has, and with it the login in use', () => {
  const plan = planOf({ service });
  expect(plan.effects[0]).toMatchObject({ kind: 'configure', key: 'configure/limits', set: {} });
  expect(ids(plan).slice(0, 2)).toEqual(['configure', 'deploy']);
  expect(describePlan(plan)).toContain('limits: what the baseline has');
  expect(planOf().effects.map(({ kind }) => kind)).not.toContain('configure');
});

it('contract knows where the login is named, so that it never takes away one that serves', () => {
  expect(planned().contract[0]).toMatchObject({
    named: { configuration: 'limits', setting: 'databaseLogin', traffic: 'edge' },
  });
});

it('what names the login is set by nobody else', () => {
  const descriptor = { ...rotates, configuration: [{ set: { databaseLogin: 'shop_b' } }] };
  expect(refusalsOf({ descriptor, service })).toMatchObject([
    { code: 'conflicting-configuration', message: expect.stringMatching(/`databaseLogin` of `limits`/) as string },
  ]);
});

it.each<[string, Fields, RegExp]>([
  ['missing-target', {}, /`credentials` needs a credentials target/],
  ['wrong-target-kind', { credentials: 'orders' }, /credentials needs `postgres-login`/],
])('%s: a service with %j', (code, entry, message) => {
  expect(refusalsOf({ descriptor: rotates, service: entry })).toContainEqual(
    expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
  );
});
