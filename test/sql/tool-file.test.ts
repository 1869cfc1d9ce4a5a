import { dbmateSection } from '../../src/sql/tool-file';
import { judgeMigrations } from '../support/judge-migration';

const both = [
  '-- migrate:up',
  'alter table orders add column note text;',
  '-- migrate:down',
  'alter table orders drop column note;',
].join('\n');

/** What is found in a migration whose expand and undo are this one file. */
async function judge(path: string, sql: string) {
  const reports = await judgeMigrations([{ id: 'a', expand: { sql: path, undo: path } }], { [path]: sql });
  return Object.entries(reports).map(([key, { issues, tool }]) => [
    key,
    tool,
    issues.map(({ code, line, column }) => `${line}:${column} ${code}`),
  ]);
}

it('judges each way of a file of dbmate in its own role, at its own place', async () => {
  expect(await judge('1_a.sql', both)).toEqual([
    ['expand 1_a.sql', 'dbmate', []],
    ['undo 1_a.sql', 'dbmate', []],
  ]);
  const turned = both.replace('add column note text', 'drop column note');
  expect(await judge('1_a.sql', turned)).toEqual([
    ['expand 1_a.sql', 'dbmate', ['2:32 drop-outside-contract']],
    ['undo 1_a.sql', 'dbmate', []],
  ]);
});

it('refuses a file of dbmate without a way back', async () => {
  const [, undo] = await judge('1_a.sql', both.split('\n').slice(0, 2).join('\n'));
  expect(undo).toEqual(['undo 1_a.sql', 'dbmate', ['1:1 sql-empty']]);
});

it('does not read the code of umzug', async () => {
  expect(await judge('1_a.js', 'exports.up = () => 1;')).toEqual([
    ['expand 1_a.js', 'umzug', []],
    ['undo 1_a.js', 'umzug', []],
  ]);
});

it('holds a file of pgroll against its own rules, once', async () => {
  const text = 'operations:\n  - drop_table: { name: orders }\n';
  expect(await judge('02_orders.yaml', text)).toEqual([
    ['expand 02_orders.yaml', 'pgroll', ['2:1 pgroll-operation-refused']],
    ['undo 02_orders.yaml', 'pgroll', []],
  ]);
});

it('leaves every place where it was', () => {
  expect(dbmateSection(both, 'expand')).toHaveLength(both.length);
  expect(dbmateSection(both, 'undo').split('\n')[3]).toBe('alter table orders drop column note;');
});
