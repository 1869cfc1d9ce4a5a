import { keptByChoice, withChoice } from '../../../src/core/release/data-choice';
import type { ReleaseState } from '../../../src/core/release/state';

const item = (effectKey: string, requires: readonly string[]) => ({ effectKey, title: effectKey, requires });
const plan = [
  item('deploy/shop', []),
  item('migrate/b/switch', ['deploy/shop']),
  item('migrate/b/expand', ['deploy/shop', 'migrate/b/switch']),
  item('migrate/a/expand', ['deploy/shop', 'migrate/b/expand']),
  item('migrate/elsewhere/expand', ['deploy/shop']),
];
const before: ReleaseState['compensations'] = {
  'deploy/shop': { status: 'verified' },
  'migrate/b/switch': { status: 'stuck', cause: 'undo-would-lose-data', detail: 'it would' },
  'migrate/b/expand': { status: 'pending' },
  'migrate/a/expand': { status: 'pending' },
  'migrate/elsewhere/expand': { status: 'pending' },
};
const chosen = (choice: 'keep' | 'lose' | 'retry') =>
  withChoice(before, plan, { type: 'data-chosen', effect: 'migrate/b/switch', choice, id: '1', by: 'dana', why: 'so' });

it('keeps all that the kept form stands on, and nothing of another database', () => {
  expect(Object.entries(chosen('keep')).map(([key, { status }]) => [key, status])).toEqual([
    ['deploy/shop', 'verified'],
    ['migrate/b/switch', 'waived'],
    ['migrate/b/expand', 'waived'],
    ['migrate/a/expand', 'waived'],
    ['migrate/elsewhere/expand', 'pending'],
  ]);
});

it('loses rows of this migration alone', () => {
  const lose = Object.entries(chosen('lose')).filter(([, found]) => found.lose !== undefined);
  expect(lose.map(([key, { status }]) => [key, status])).toEqual([
    ['migrate/b/switch', 'pending'],
    ['migrate/b/expand', 'pending'],
  ]);
});

it('asks again, and forgets why it was stuck', () => {
  expect(chosen('retry')['migrate/b/switch']).toEqual({ status: 'pending', onlyVerify: false, detail: 'it would' });
});

const line = (object: string, isEqual: boolean) => ({ object, expected: 'a', observed: 'b', isEqual });
const kept = {
  compensations: chosen('keep'),
  sealed: { plan: { effects: [{ key: 'migrate/b/switch', target: 'orders' }] } },
} as unknown as ReleaseState;

it.each([
  ['the schema that was kept', [line('schema orders: column a', false), line('flag x', true)], 'dana'],
  ['the schema of another database', [line('schema stock: column a', false)], undefined],
  ['a schema whose name begins the same', [line('schema orders-2: column a', false)], undefined],
  ['anything beside it', [line('schema orders: column a', false), line('flag x', false)], undefined],
])('a choice answers for a proof that differs in %s', (_what, lines, by) => {
  expect(keptByChoice(kept, { isRestored: false, lines, drift: [] })?.by).toBe(by);
});
