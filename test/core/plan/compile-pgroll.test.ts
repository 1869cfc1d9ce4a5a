import { environmentSchema } from '../../../src/core/environment/schema';
import { judgePgroll } from '../../../src/core/pgroll/judge';
import { compilePlan } from '../../../src/core/plan/compile';
import { sqlReportKey, type SqlReport } from '../../../src/core/plan/sql-report';
import { shopSources } from './shop-sources';

const typeChange =
  'operations:\n  - alter_column: { table: users, column: age, type: int, up: age::int, down: age::text }\n';
const notNull =
  'operations:\n  # spillway: allow pgroll-not-null-window because it is released at night\n  - alter_column: { table: users, column: age, nullable: false, up: age, down: age }\n';
const long = `${'v'.repeat(60)}.yaml`;
const pgroll: { readonly [path: string]: string } = {
  '02_age.yaml': typeChange,
  '03_name.yaml': typeChange.replaceAll('age', 'name'),
  '04_age.yaml': notNull,
  [long]: typeChange,
};
const plain: SqlReport = { issues: [], allowances: [], statements: [] };
const roles = ['expand', 'undo', 'contract'] as const;

/** What becomes of migrations at a database of pgroll. */
function compile(
  migrations: readonly object[],
  { tool = { kind: 'pgroll' }, policy = {} }: { tool?: object; policy?: { readonly [key: string]: unknown } } = {},
) {
  const reports = Object.entries(pgroll).flatMap(([path, sql]) =>
    roles.map((role) => [sqlReportKey(role, path), judgePgroll({ path, sql }, role)] as const),
  );
  const sources = shopSources({ descriptor: { migrations }, sql: Object.fromEntries(reports), policy });
  const { orders } = sources.environment.targets;
  const targets = { ...sources.environment.targets, orders: { ...orders, tool } };
  const compiled = compilePlan({
    ...sources,
    sql: { ...sources.sql, [sqlReportKey('contract', '003.sql')]: plain },
    files: { ...sources.files, ...pgroll },
    environment: environmentSchema.parse({ ...sources.environment, targets }),
  });
  return compiled.ok
    ? { warnings: compiled.plan.warnings, contract: compiled.plan.contract, codes: [] }
    : { warnings: [], contract: [], codes: compiled.refusals.map(({ code, message }) => `${code}: ${message}`) };
}

const file = (path: string, id = 'age') => ({
  id,
  expand: { sql: path, undo: path },
  contract: { sql: path, undo: { skip: 'pgroll goes forward only' } },
});

it('is planned, with what nobody can guard told before the start', () => {
  const { codes, warnings } = compile([file('02_age.yaml')]);
  expect(codes).toEqual([]);
  const told = warnings.join('\n');
  expect(told).toContain('the new version must connect with search_path = public_02_age, exactly and alone');
  expect(told).toContain('also one that writes public_02_age.users with its schema');
  expect(told).toContain('neither the lag of replicas nor guardrails slow it down');
  expect(told).toContain('`pgroll complete`: there is no rollback after it');
});

it('without contract keeps every later one waiting, and says so', () => {
  const { warnings } = compile([{ id: 'age', expand: { sql: '02_age.yaml', undo: '02_age.yaml' } }]);
  expect(warnings.join('\n')).toContain('pgroll starts no other migration of orders before that');
});

it('tells on purpose of writes that fail for a moment, and is refused by a policy without allowances', () => {
  expect(compile([file('04_age.yaml')]).warnings.join('\n')).toContain(
    '04_age.yaml:2 allows pgroll-not-null-window on purpose: it is released at night',
  );
  const strict = { policy: { migrations: { allowances: 'refused' } } };
  expect(compile([file('04_age.yaml')], strict).codes).toEqual([expect.stringMatching(/^policy-floor: /)]);
});

it.each([
  ['two at once', [file('02_age.yaml'), file('03_name.yaml', 'name')], /are both started at orders/],
  [
    'another undo',
    [{ ...file('02_age.yaml'), expand: { sql: '02_age.yaml', undo: '03_name.yaml' } }],
    /takes back what 02_age\.yaml itself says/,
  ],
  [
    'another contract',
    [{ ...file('02_age.yaml'), contract: file('03_name.yaml').contract }],
    /completes 03_name\.yaml, and that is not what the migration starts/,
  ],
  ['a version that PostgreSQL cuts', [file(long)], /no search path would be equal to it/],
])('refuses %s', (_, migrations, why) => {
  expect(compile(migrations).codes).toEqual(
    expect.arrayContaining([expect.stringMatching(/^pgroll-parts: /), expect.stringMatching(why)]),
  );
});

it('is refused with a contract of plain SQL beside it', () => {
  const plain = { id: 'note', contract: { sql: '003.sql', undo: { skip: 'forward only' } } };
  expect(compile([file('02_age.yaml'), plain]).codes).toEqual([
    expect.stringMatching(
      /^contract-mixed: .* is run by pgroll, and migrate\/note\/contract .* one contract goes one way/,
    ),
  ]);
});

it('is refused where the database has another tool', () => {
  expect(compile([file('02_age.yaml')], { tool: { kind: 'dbmate' } }).codes).toContainEqual(
    expect.stringMatching(/^wrong-tool: 02_age\.yaml is a file of pgroll, and target `orders` has dbmate/),
  );
});

it('leaves plain SQL its careful contract, and takes no such steps itself', () => {
  const note = {
    id: 'note',
    expand: { sql: '003.sql', undo: '003.undo.sql' },
    contract: { sql: '003.sql', undo: { skip: 'forward only' } },
  };
  expect(compile([note]).contract).toMatchObject([{ rule: { keepMs: expect.any(Number) as number } }]);
  expect(compile([file('02_age.yaml')]).contract[0]).not.toHaveProperty('rule');
});
