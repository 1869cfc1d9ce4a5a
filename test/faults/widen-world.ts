import { migrationFiles } from '../../src/core/migration-writer/files';
import { retypeColumn } from '../../src/core/migration-writer/changes';
import type { Files } from '../support/shop-descriptor';
import { readSql, type World } from './world';

const id = 'widen-total';
const rows = 50_000;

const change = retypeColumn(
  {
    id,
    table: { schema: 'public', name: 'orders' },
    old: { name: 'total', type: 'integer', isRequired: true, byDefault: '0' },
    key: 'id',
    grants: [],
    indexes: [{ method: 'btree', isUnique: false, columns: ['total'] }],
  },
  { to: 'total_wide', type: 'bigint' },
);

const mark = (part: string): string => `insert into public.marks values ('${id}.${part}');\n`;
const unmark = (part: string): string =>
  `delete from public.marks where ctid = (select ctid from public.marks where part = '${id}.${part}' limit 1);\n`;

/** What `spillway migration write` gives a team, each part with a mark that shows how often it was applied. */
function writtenFiles(): Files {
  const written = Object.fromEntries(migrationFiles(change, id).map(({ path, text }) => [path, text]));
  const with_ = (part: string, line: string): Files => ({
    [`${id}.${part}.sql`]: `${written[`${id}.${part}.sql`]}${line}`,
  });
  return {
    ...written,
    ...with_('expand', mark('expand')),
    ...with_('expand.undo', unmark('expand')),
    ...with_('contract', mark('contract')),
  };
}

const part = (name: string): string => `${id}.${name}.sql`;

/** An integer becomes a bigint in all five parts, by generated files, while both versions add rows and change old ones. */
export const widenWorld: World = {
  schemaSql: readSql('widen/schema.sql'),
  baseRows: Array.from({ length: rows }, (_, index) => ({
    ref: `base-${index + 1}`,
    name: `Customer Number${index + 1}`,
    total: 101 + index,
  })),
  insertOf: (version) =>
    `insert into orders (ref, name, ${version.startsWith('1.') ? 'total' : 'total_wide'}) values ($1, $2, $3)`,
  updateOf: (version) => `update orders set ${version.startsWith('1.') ? 'total' : 'total_wide'} = $2 where ref = $1`,
  totalIn: (columns) => (columns.includes('total') ? 'total' : 'total_wide'),
  migrations: [
    {
      id,
      expand: { sql: part('expand'), undo: part('expand.undo'), check: part('expand.check'), losses: part('losses') },
      backfill: {
        batch: part('backfill'),
        key: { table: 'public.orders', column: 'id', rows: 1_000 },
        // So that it lasts as long as the rest, and a moment on the way forward often lies in it.
        throttle: { rest: '30ms' },
        undo: { skip: 'the columns go with expand' },
        check: part('backfill.check'),
      },
      indexes: [part('index-1')],
      switch: { sql: part('switch'), undo: part('switch.undo'), check: part('switch.check') },
      contract: {
        sql: part('contract'),
        undo: { skip: 'the new form holds what total held' },
        check: part('contract.check'),
      },
      reconcile: [{ id: 'total', table: 'public.orders', key: 'id', old: 'total', new: 'total_wide' }],
    },
  ],
  files: {
    ...writtenFiles(),
    ...Object.fromEntries(
      ['switch', 'switch.undo', 'switch.check'].map((name) => [part(name), readSql(`widen/${name}.sql`)]),
    ),
    'invariant.sql': readSql('widen/invariant.sql'),
  },
  toExpanded: [part('expand'), part('index-1'), part('switch')],
  toContracted: [part('contract')],
  countsFills: false,
  ledger: {
    promoted: ['expand', 'backfill', 'index widen-total.index-1.sql', 'switch'].map((name) => `${id}/${name}`),
    contracted: [`${id}/contract`],
  },
  marks: { promoted: [`${id}.expand`, `${id}.switch`], contracted: [`${id}.contract`] },
};
