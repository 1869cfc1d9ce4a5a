import fc from 'fast-check';
import type { Compensation, Effect } from '../../../src/core/plan/effects';
import { planRollback } from '../../../src/core/plan/rollback-plan';
import {
  blockedBy,
  isSettled,
  nextCompensations,
  undoNow,
  type CloseAgain,
  type CompensationStatus,
  type RollbackStatus,
  type UndoSituation,
} from '../../../src/core/release/rollback-order';

const seed = 20261121;
const step = (effectKey: string, requires: readonly string[] = []): Compensation => ({
  effectKey,
  requires,
  title: effectKey,
});
const spine = [step('expose'), step('deploy', ['expose']), step('schema', ['deploy'])];

describe('the next compensations', () => {
  it.each<[string, RollbackStatus, string[]]>([
    ['begin with what requires nothing', { expose: 'pending', deploy: 'pending', schema: 'pending' }, ['expose']],
    ['wait for what runs', { expose: 'running', deploy: 'pending' }, []],
    ['follow what is verified', { expose: 'verified', deploy: 'pending', schema: 'pending' }, ['deploy']],
    ['follow what is waived', { expose: 'waived', deploy: 'pending' }, ['deploy']],
    ['follow what is not needed', { expose: 'not-needed', deploy: 'not-needed', schema: 'pending' }, ['schema']],
    ['pass over what the journal does not hold', { schema: 'pending' }, ['schema']],
    ['see through a gap in the journal', { expose: 'stuck', schema: 'pending' }, []],
    ['see through a waiver', { expose: 'stuck', deploy: 'waived', schema: 'pending' }, []],
    ['are none when all is done', { expose: 'verified', deploy: 'verified', schema: 'waived' }, []],
  ])('%s', (_fact, status, expected) => {
    expect(nextCompensations(spine, status)).toEqual(expected);
  });
});

describe('what is begun now', () => {
  const plan = [step('expose/shop'), step('flag/kill'), step('deploy/shop', ['expose/shop']), step('migrate/1')];
  const due: RollbackStatus = {
    'expose/shop': 'pending',
    'flag/kill': 'pending',
    'deploy/shop': 'pending',
    'migrate/1': 'pending',
  };
  const under = { isForwardOver: false, closeAgain: 'all' } as const;
  const over = { isForwardOver: true, closeAgain: 'all' } as const;
  const [shop, kill] = ['expose/shop', 'flag/kill'];
  it.each<[string, RollbackStatus, UndoSituation, readonly string[], CloseAgain]>([
    ['is what users feel, while the way forward ends', due, under, [shop, kill], 'all'],
    [
      'is what requires nothing of a closing that runs',
      { ...due, [shop]: 'running' },
      over,
      [kill, 'migrate/1'],
      [shop],
    ],
    [
      'is nothing at all then, in a run of an earlier version',
      { ...due, [shop]: 'running' },
      { ...over, waitsForAll: true },
      [],
      'all',
    ],
    [
      'is the closing once more while another one hangs',
      { ...due, [shop]: 'verified', [kill]: 'running' },
      over,
      [shop, 'migrate/1'],
      [kill],
    ],
    [
      'is the one that hung, once more, when it came back',
      { ...due, [shop]: 'verified', [kill]: 'verified' },
      { ...over, closeAgain: [kill] },
      [kill, 'deploy/shop', 'migrate/1'],
      [],
    ],
    [
      'is nothing while the one that hangs goes on doing so',
      { [shop]: 'running', [kill]: 'running' },
      { ...over, closeAgain: [kill] },
      [],
      [kill],
    ],
    [
      'is the closing once more, and what does not require it',
      { ...due, [shop]: 'verified', [kill]: 'stuck' },
      over,
      [shop, 'migrate/1'],
      [],
    ],
    [
      'is everything due where nothing was under way',
      { ...due, [shop]: 'verified', [kill]: 'verified' },
      { ...over, closeAgain: [] },
      ['deploy/shop', 'migrate/1'],
      [],
    ],
    ['is nothing when all is stuck', { [shop]: 'stuck', 'deploy/shop': 'pending' }, over, [], []],
  ])('%s', (_fact, status, situation, begin, closeAgain) => {
    expect(undoNow(plan, status, situation)).toEqual({ begin, closeAgain });
  });
});

it('names what a compensation waits for', () => {
  expect(blockedBy(spine, { expose: 'stuck', deploy: 'pending', schema: 'pending' }, 'schema')).toEqual([
    'expose',
    'deploy',
  ]);
});

it.each<[RollbackStatus, boolean]>([
  [{}, true],
  [{ expose: 'verified', deploy: 'waived', schema: 'not-needed' }, true],
  [{ expose: 'verified', deploy: 'stuck' }, false],
  [{ expose: 'running' }, false],
  [{ schema: 'pending' }, false],
])('is settled only when nothing is left: %j', (status, expected) => {
  expect(isSettled(spine, status)).toBe(expected);
});

/** An acyclic plan: each compensation requires some of those before it. */
const acyclicPlan = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((rows) =>
    rows.map((row, at) => step(`e${at}`, at === 0 ? [] : [...new Set(row.map((pick) => `e${pick % at}`))])),
  );

const closure = (plan: readonly Compensation[], key: string): ReadonlySet<string> => {
  const direct = plan.find((item) => item.effectKey === key)?.requires ?? [];
  return new Set([...direct, ...direct.flatMap((other) => [...closure(plan, other)])]);
};

type Run = { readonly order: readonly string[]; readonly status: { [key: string]: CompensationStatus } };

/** Runs whatever may run, `picks` choosing among it, until nothing may; keys in `failing` get stuck. */
function run(
  plan: readonly Compensation[],
  journal: readonly string[],
  failing: ReadonlySet<string>,
  picks: readonly number[],
): Run {
  const status: { [key: string]: CompensationStatus } = Object.fromEntries(journal.map((key) => [key, 'pending']));
  const order: string[] = [];
  for (let turn = 0; ; turn += 1) {
    const next = nextCompensations(plan, status);
    const key = next[(picks[turn % picks.length] ?? 0) % Math.max(1, next.length)];
    if (key === undefined) return { order, status };
    order.push(key);
    status[key] = failing.has(key) ? 'stuck' : 'verified';
  }
}

const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });
const keysOf = (plan: readonly Compensation[]) => plan.map((item) => item.effectKey);

it('completes every acyclic plan, nothing before what it requires', () => {
  fc.assert(
    fc.property(acyclicPlan, picks, fc.func(fc.boolean()), (plan, choice, isKept) => {
      const journal = keysOf(plan).filter((key) => isKept(key));
      const { order, status } = run([...plan].reverse(), journal, new Set(), choice);
      expect([...order].sort()).toEqual([...journal].sort());
      expect(isSettled(plan, status)).toBe(true);
      for (const [at, key] of order.entries()) {
        for (const required of closure(plan, key)) expect(order.indexOf(required)).toBeLessThan(at);
      }
    }),
    { seed },
  );
});

it('lets one stuck compensation block exactly its dependents', () => {
  fc.assert(
    fc.property(acyclicPlan, picks, fc.nat(), (plan, choice, pick) => {
      const keys = keysOf(plan);
      const stuck = keys[pick % keys.length] ?? 'e0';
      const { status } = run(plan, keys, new Set([stuck]), choice);
      for (const key of keys) {
        const expected = key === stuck ? 'stuck' : closure(plan, key).has(stuck) ? 'pending' : 'verified';
        expect(status[key]).toBe(expected);
      }
    }),
    { seed },
  );
});

const sql = { path: 'a.sql', sql: 'select 1', sha256: '' };
const migrate = fc.record({ target: fc.constantFrom('orders', 'stock'), part: fc.constantFrom('expand', 'backfill') });
const effectsOf = (parts: readonly { target: string; part: string }[]): Effect[] => [
  ...parts.map(({ target, part }, at): Effect => ({
    kind: 'migrate',
    key: `migrate/${at}/${part}`,
    target,
    migration: `${at}`,
    part: part === 'expand' ? 'expand' : 'backfill',
    apply: sql,
    undo: sql,
  })),
  { kind: 'flag', key: 'flag/f/kill', target: 'f', flag: 'kill', value: false, killSwitch: true },
  { kind: 'flag', key: 'flag/f/on', target: 'f', flag: 'on', value: true, killSwitch: false },
  { kind: 'deploy', key: 'deploy/shop', target: 'runner', version: '2' },
  { kind: 'expose', key: 'expose/shop', target: 'edge', lease: { ttlMs: 30_000, isRequired: false } },
];

it('never undoes the schema before traffic is at zero and the canary stopped, nor an earlier migration before a later one', () => {
  fc.assert(
    fc.property(
      fc.array(migrate, { minLength: 1, maxLength: 6 }),
      picks,
      fc.func(fc.boolean()),
      fc.func(fc.boolean()),
      (parts, choice, isKept, isFailing) => {
        const effects = effectsOf(parts);
        const journal = effects.map((effect) => effect.key).filter((key) => isKept(key));
        const failing = new Set(journal.filter((key) => isFailing(key)));
        const { order } = run(planRollback(effects), journal, failing, choice);
        const isBefore = (first: string): boolean =>
          !journal.includes(first) || (order.includes(first) && !failing.has(first));
        effects.forEach((effect, at) => {
          if (effect.kind !== 'migrate' || !order.includes(effect.key)) return;
          const later = effects
            .slice(at + 1)
            .filter((other) => other.kind === 'migrate' && other.target === effect.target);
          for (const first of ['expose/shop', 'deploy/shop', ...later.map((other) => other.key)]) {
            expect(isBefore(first)).toBe(true);
            if (journal.includes(first)) expect(order.indexOf(first)).toBeLessThan(order.indexOf(effect.key));
          }
        });
      },
    ),
    { seed, numRuns: 300 },
  );
});
