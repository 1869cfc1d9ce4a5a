import { refuseRecovery, type RecoveryFacts } from '../../../src/core/release/recovery-verdict';

const facts = (change: Partial<RecoveryFacts> = {}): RecoveryFacts => ({
  name: 'production/shop',
  release: 'r1',
  isRunning: false,
  isPromoted: false,
  snapshot: 'there',
  ...change,
});

test('a release that was cut off and has a snapshot may be recovered', () => {
  expect(refuseRecovery(facts())).toBeUndefined();
});

test.each<[string, Partial<RecoveryFacts>, string]>([
  ['runs', { isRunning: true, ending: 'Promoted' }, 'still-running'],
  ['ended promoted', { ending: 'Promoted' }, 'already-promoted'],
  ['was cut off behind its promotion', { isPromoted: true }, 'already-promoted'],
  ['ended rolled back', { ending: 'RolledBack' }, 'nothing-to-recover'],
  [
    'ended rolled back, whoever serves from its slot now',
    { ending: 'RolledBack', isPromoted: true },
    'nothing-to-recover',
  ],
  ['ended aborted', { ending: 'Aborted', snapshot: 'none' }, 'nothing-to-recover'],
  ['was followed by another', { laterRelease: 'r2' }, 'later-release'],
  ['has its slots in other roles', { otherRoles: 'green serves' }, 'role-mismatch'],
  ['was promoted, whoever moved users since', { isPromoted: true, otherRoles: 'green serves' }, 'already-promoted'],
  ['was followed by another that was promoted', { laterRelease: 'r2', otherRoles: 'green serves' }, 'later-release'],
  ['had no snapshot yet', { snapshot: 'none' }, 'nothing-to-recover'],
  ['is stored nowhere', { snapshot: 'lost' }, 'state-lost'],
  ['was sealed by somebody else', { snapshot: 'forged' }, 'state-lost'],
])('a release that %s is refused', (_name, change, code) => {
  const refusal = refuseRecovery(facts(change));
  expect(refusal).toMatchObject({ code, kind: 'denied' });
  expect(refusal?.message).toMatch(/r1/);
  expect(refusal?.fix.length).toBeGreaterThan(10);
});
