import { refuseTrials } from '../../../src/core/plan/refuse-trials';
import type { Trial } from '../../../src/core/plan/trial';
import { policySchema } from '../../../src/core/policy/schema';

const policy = (trial: 'required' | 'optional') =>
  policySchema.parse({ apiVersion: 'spillway/v1', kind: 'policy', name: 'strict', migrations: { trial } });
const refuse = (trial: Trial, asked: 'required' | 'optional' = 'optional') =>
  refuseTrials([{ target: 'orders', trial }], policy(asked));

const untried: Trial = { outcome: 'not-tried', why: 'user app may not make databases', fix: 'Grant it.' };

it('says nothing against an undo that gives back the schema', () => {
  expect(refuse({ outcome: 'restored', objects: 3, tried: ['migrate/a/expand'], notes: [] }, 'required')).toEqual([]);
});

it('refuses an undo that is not the inverse, naming object and file', () => {
  const [refusal] = refuse({
    outcome: 'differs',
    differences: [
      { object: 'table public.t', is: 'left behind', effects: ['migrate/a/expand'], undos: ['a.undo.sql'] },
      { object: 'view public.v', is: 'different', effects: ['migrate/b/backfill'], undos: [] },
    ],
  });
  expect(refusal).toMatchObject({ code: 'undo-differs', kind: 'invalid' });
  expect(refusal?.message).toBe(
    'Tried on a copy of the schema of orders, the undo is not the inverse: after the undo, table public.t is left behind ' +
      '(a.undo.sql); view public.v is different (migrate/b/backfill, which have no undo).',
  );
});

it('refuses a part that does not run', () => {
  const [refusal] = refuse({
    outcome: 'failed',
    effect: 'migrate/a/expand',
    message: 'its undo fails there: a.sql:1:2: …',
  });
  expect(refusal).toMatchObject({ code: 'trial-failed', kind: 'invalid' });
  expect(refusal?.message).toContain('migrate/a/expand: its undo fails there: a.sql:1:2');
});

it('asks for a trial only where the policy does', () => {
  expect(refuse(untried)).toEqual([]);
  expect(refuse(untried, 'required')).toMatchObject([{ code: 'trial-missing', kind: 'denied', fix: 'Grant it.' }]);
});
