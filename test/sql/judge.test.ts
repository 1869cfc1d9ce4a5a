import { judgeBundle, issuesOf } from '../../src/sql/judge-bundle';
import { judgeSql } from '../../src/sql/judge';
import { compilePlan } from '../../src/core/plan/compile';
import { describePlan } from '../../src/core/plan/describe';
import { everything, shopSources } from '../core/plan/shop-sources';

const codes = async (sql: string) =>
  (await judgeSql({ path: 'a.sql', sql }, 'expand')).issues.map(({ code, line }) => `${line} ${code}`);

describe('a danger that is allowed on purpose', () => {
  it('is taken for the statement right below the comment, with its reason, and for no other', async () => {
    const sql = '-- spillway: allow truncate because it holds a cache\ntruncate t;\ntruncate u;';
    const report = await judgeSql({ path: 'a.sql', sql }, 'expand');
    expect(report.issues.map(({ code, line }) => `${line} ${code}`)).toEqual(['3 truncate']);
    expect(report.allowances).toEqual([{ rule: 'truncate', reason: 'it holds a cache', line: 1 }]);
  });

  it.each([
    ['without a reason', '-- spillway: allow truncate\ntruncate t', ['1 sql-allowance-malformed', '2 truncate']],
    ['without words', '-- spillway: please\ntruncate t', ['1 sql-allowance-malformed', '2 truncate']],
    ['an unknown rule', '-- spillway: allow trunkate because x\ntruncate t', ['1 sql-allowance-unknown', '2 truncate']],
    ['for nothing', '-- spillway: allow truncate because x\nselect 1', ['1 sql-allowance-unused']],
    ['at the end', 'select 1;\n-- spillway: allow truncate because x', ['2 sql-allowance-unused']],
    [
      'what cannot work',
      '-- spillway: allow needs-no-transaction because x\ncommit',
      ['1 sql-allowance-impossible', '2 needs-no-transaction'],
    ],
    [
      'behind a statement',
      'select 1; -- spillway: allow truncate because x\ntruncate t',
      ['1 sql-allowance-unused', '2 truncate'],
    ],
    ['in a block comment', '/*\n-- spillway: allow truncate because x\n*/ truncate t', ['3 truncate']],
    ['in a literal', "select '\n-- spillway: allow truncate because x\n'; truncate t", ['3 truncate']],
  ])('is refused or not seen: %s', async (_, sql, expected) => {
    expect(await codes(sql)).toEqual(expected);
  });
});

const unsafe = async (policy: { readonly [key: string]: unknown } = {}, sql = 'truncate orders') => {
  const sources = shopSources({ descriptor: everything, policy });
  const files = {
    ...sources.files,
    '002.sql': `${sql};\nalter table orders add first text`,
    '002.batch.sql': 'update orders set first = name where id in (select id from orders where first is null limit 9)',
  };
  return compilePlan({ ...sources, files, sql: await judgeBundle({ descriptor: sources.descriptor, files }) });
};
const allowed = '-- spillway: allow truncate because it holds a cache\ntruncate orders';

describe('a plan', () => {
  it('is refused for a statement that is not safe in its part', async () => {
    const compiled = await unsafe();
    expect(compiled).toMatchObject({ ok: false, refusals: [{ code: 'unsafe-sql', kind: 'invalid' }] });
    expect(compiled.ok ? '' : compiled.refusals[0]?.message).toContain(
      '002.sql:1:1 truncate: truncating orders removes',
    );
  });

  it('shows an allowance with its reason under Mind, and the lock of each statement', async () => {
    const compiled = await unsafe({}, allowed);
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.refusals));
    const text = describePlan(compiled.plan);
    expect(text).toContain('002.sql:1 allows truncate on purpose: it holds a cache');
    expect(text).toContain(
      'line 2: truncate orders\n      ACCESS EXCLUSIVE on orders: blocks reads and writes for a moment',
    );
    expect(text).toContain('002/expand, undo: 002.undo.sql');
  });

  it('is refused for an allowance where the policy takes none', async () => {
    const compiled = await unsafe({ migrations: { allowances: 'refused' } }, allowed);
    expect(compiled).toMatchObject({ ok: false, refusals: [{ code: 'policy-floor', kind: 'denied' }] });
  });

  it('holds no more refusals than a message can carry, whatever a stranger sends', async () => {
    const compiled = await unsafe({}, 'truncate t;\n'.repeat(3_000));
    expect(compiled.ok ? 0 : compiled.refusals.length).toBe(51);
  });
});

it('names every finding of every file, by file and place', async () => {
  const { descriptor, files } = shopSources({ descriptor: everything });
  const reports = await judgeBundle({
    descriptor,
    files: { ...files, '003.sql': 'selec', '002.sql': 'lock t; lock u' },
  });
  expect(issuesOf(reports).map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`)).toEqual([
    '002.batch.sql:1:1 backfill-unbounded',
    '002.batch.sql:1:19 old-rows-changed',
    '002.sql:1:1 lock-table',
    '002.sql:1:9 lock-table',
    '003.sql:1:1 sql-does-not-parse',
  ]);
});

it('lets others go first while it judges a large file', async () => {
  let turns = 0;
  let isDone = false;
  const turn = (): void => {
    turns += 1;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const { issues } = await judgeSql(
    { path: 'a.sql', sql: "insert into notes values (1, 'a');\n".repeat(3_000) },
    'expand',
  );
  isDone = true;
  expect(issues).toEqual([]);
  expect(turns).toBeGreaterThan(25);
});
