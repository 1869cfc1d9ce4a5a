import { checkLineage } from '../../../src/core/contract/check-lineage';
import { judgeQuiet, type QuietReport } from '../../../src/core/contract/quiet';
import type { LineageEntry } from '../../../src/core/contract/lineage';

const entry = (version: string, migration: string, at: string, parts = ['expand', 'contract']): LineageEntry => ({
  service: 'shop',
  version,
  release: `run-${version}`,
  migration,
  parts,
  at: `2026-01-${at}T00:00:00.000Z`,
});
const releaseOf = (version: string) => ({ service: 'shop', version, effects: [], contract: [] });
const contracted = [entry('2.0.0', 'split-name', '10')];

it.each<[string, Parameters<typeof checkLineage>, boolean]>([
  [
    'a version that was released before the migration',
    [releaseOf('1.0.0'), contracted, ['2026-01-02T00:00:00.000Z']],
    true,
  ],
  [
    'a version whose own migrations are older',
    [releaseOf('1.5.0'), [entry('1.5.0', 'add-note', '05'), ...contracted], []],
    true,
  ],
  ['the version that came with it', [releaseOf('2.0.0'), contracted, ['2026-01-09T00:00:00.000Z']], false],
  ['a version that nobody has seen', [releaseOf('3.0.0'), contracted, []], false],
  ['a version that came later', [releaseOf('2.1.0'), contracted, ['2026-01-12T00:00:00.000Z']], false],
  [
    'an older version while both forms are there',
    [releaseOf('1.0.0'), [entry('2.0.0', 'split-name', '10', ['expand'])], ['2026-01-02T00:00:00.000Z']],
    false,
  ],
  [
    'an older version after the contract was taken back',
    [
      releaseOf('1.0.0'),
      [{ ...entry('2.0.0', 'split-name', '10'), undoneAt: '2026-01-11T00:00:00.000Z' }],
      ['2026-01-02T00:00:00.000Z'],
    ],
    false,
  ],
])('%s', (_what, args, isRefused) => {
  expect(checkLineage(...args).map(({ code }) => code)).toEqual(isRefused ? ['lineage-broken'] : []);
});

const report: QuietReport = {
  removes: ['public.orders.customer'],
  dependents: [],
  readers: [],
  quietMs: 5_000,
  unlisted: 0,
};
const rule = { quietMs: 60_000, checkEveryMs: 10_000 };
const reader = {
  role: 'shop_blue',
  slot: 'blue',
  digest: '42',
  text: 'select customer from orders',
  calls: 3,
  lastSeenAt: '',
};
const dependents = [{ kind: 'view', name: 'names' }];

it.each<[string, QuietReport, typeof rule, boolean, RegExp | 'quiet']>([
  ['long enough', { ...report, quietMs: 60_000 }, rule, false, 'quiet'],
  ['not yet', report, rule, false, /quiet for 5s of 1m$/],
  [
    'somebody',
    { ...report, readers: [reader] },
    rule,
    false,
    /last shop_blue \(blue\) called 3 times `select customer from orders` \(42\)/,
  ],
  ['forgotten', { ...report, lost: 'it was reset' }, rule, false, /; it was reset$/],
  ['waived', report, rule, true, 'quiet'],
  ['not asked for', report, { ...rule, quietMs: 0 }, false, 'quiet'],
  ['a view', { ...report, dependents }, rule, false, /needed by view names/],
  ['a view, waived', { ...report, dependents }, rule, true, /needed by view names/],
  ['blind', { ...report, blind: 'nobody can be seen' }, rule, false, /nobody can be seen/],
  ['nothing is removed', { ...report, removes: [], dependents }, rule, false, 'quiet'],
])('quiet: %s', (_what, found, by, isWaived, expected) => {
  const verdict = judgeQuiet(found, by, isWaived);
  if (expected === 'quiet') expect(verdict).toEqual({ isQuiet: true });
  else expect(verdict).toMatchObject({ isQuiet: false, why: expect.stringMatching(expected) as string });
});

it('asks again when the time may be over, and as often as was declared', () => {
  const againOf = (quietMs: number) => {
    const verdict = judgeQuiet({ ...report, quietMs }, rule, false);
    return verdict.isQuiet ? 0 : verdict.againInMs;
  };
  expect([againOf(0), againOf(55_000), againOf(59_999)]).toEqual([10_000, 5_000, 500]);
});
