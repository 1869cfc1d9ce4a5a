import { sqlReportKey, type SqlReport } from '../../../src/core/plan/sql-report';
import { planOf, refusalsOf, splitName } from './shop-sources';

const clean: SqlReport = { issues: [], allowances: [], statements: [] };
const key = { table: 'public.orders', column: 'id', rows: 1000 };

/** Codes of the refusals of one migration, with what the parser is to say of its files. */
const codesOf = (migration: object, sql: { readonly [key: string]: SqlReport } = {}) =>
  refusalsOf({ descriptor: { migrations: [{ ...splitName, ...migration }] }, sql }).map(({ code }) => code);

describe('a backfill along a key', () => {
  const keyed = { backfill: { ...splitName.backfill, key } };
  const taking = (...parameters: readonly number[]) => ({
    [sqlReportKey('backfill', '002.batch.sql')]: { ...clean, parameters },
  });

  it('takes both ends of its range', () => {
    expect(codesOf(keyed, taking(1, 2))).toEqual([]);
    expect(codesOf(keyed, taking(1))).toEqual(['backfill-without-range']);
    expect(codesOf(keyed, taking())).toEqual(['backfill-without-range']);
  });

  it('has a key when its statement takes a range', () => {
    expect(codesOf({}, taking(1, 2))).toEqual(['backfill-without-key']);
    expect(codesOf({}, taking())).toEqual([]);
  });
});

describe('indexes', () => {
  const indexes = { indexes: ['003.sql'] };
  const report = (found: Partial<SqlReport>) => ({ [sqlReportKey('index', '003.sql')]: { ...clean, ...found } });

  it('are built after the backfill, each dropped by the name that the parser read', () => {
    const plan = planOf({
      descriptor: { migrations: [{ ...splitName, ...indexes }] },
      sql: report({ builds: 'sales.by_name' }),
    });
    expect(plan.effects.flatMap((effect) => (effect.kind === 'migrate' ? [effect.part] : []))).toEqual([
      'expand',
      'backfill',
      'index',
    ]);
    expect(plan.effects.find(({ key: name }) => name.includes('/index/'))).toMatchObject({
      undo: { sql: 'drop index concurrently if exists sales.by_name' },
    });
  });

  it('are refused where the file builds none', () => {
    const issue = {
      code: 'not-an-index-build',
      file: '003.sql',
      line: 1,
      column: 1,
      path: '',
      message: 'no',
      fix: 'x',
    };
    expect(codesOf(indexes, report({ issues: [issue] }))).toEqual(['unsafe-sql']);
  });
});

describe('the data steward', () => {
  const migrations = [splitName];
  const owners = { lead: 'Ada', dataSteward: 'Dana' };

  it('alone opens the gate of contract and lets rows go', () => {
    const named = planOf({ descriptor: { migrations, owners } });
    expect([named.contractGate.members, named.dataStewards]).toEqual([['Dana'], ['Dana']]);
    const policy = { roles: { 'data-steward': ['eve', 'fay'] } };
    const ofRole = planOf({ descriptor: { migrations, owners }, policy });
    expect([ofRole.contractGate.members, ofRole.dataStewards]).toEqual([
      ['eve', 'fay'],
      ['eve', 'fay'],
    ]);
    expect(planOf({ descriptor: { migrations } }).contractGate.members).toBeUndefined();
  });

  it('is not joined by other roles, and is asked no more often than there are stewards', () => {
    const refused = (contractGate: object) =>
      refusalsOf({ descriptor: { migrations, owners, contractGate } }).map(({ code }) => code);
    expect(refused({ from: ['leads'] })).toEqual(['policy-floor']);
    expect(refused({ approvals: 2 })).toEqual(['too-few-approvers']);
  });
});

it('refuses the file of a tool that the database does not have', () => {
  const sql = { [sqlReportKey('expand', '002.sql')]: { ...clean, tool: 'dbmate' as const } };
  expect(codesOf({}, sql)).toEqual(['wrong-tool']);
});
