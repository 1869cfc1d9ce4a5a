import { filesOf, readSql, type World } from './world';

/** Names are stored in two parts, by files written by hand, and a note is added: the world of the kill matrix. */
export const splitWorld: World = {
  schemaSql: readSql('schema.sql'),
  baseRows: Array.from({ length: 600 }, (_, index) => ({
    ref: `base-${index + 1}`,
    name: `Customer Number${index + 1}`,
    total: 101 + index,
  })),
  insertOf: (version) =>
    version.startsWith('1.')
      ? `insert into orders (ref, name, total) values ($1, $2, $3)`
      : `insert into orders (ref, first, last, total) values ($1, split_part($2, ' ', 1), split_part($2, ' ', 2), $3)`,
  totalIn: () => 'total',
  migrations: [
    {
      id: '002',
      expand: { sql: '002.expand.sql', undo: '002.expand.undo.sql', check: '002.expand.check.sql' },
      backfill: { batch: '002.backfill.sql', undo: '002.backfill.undo.sql', check: '002.backfill.check.sql' },
      contract: { sql: '002.contract.sql', undo: { skip: 'Forward only.' } },
    },
    { id: '003', expand: { sql: '003.expand.sql', undo: '003.expand.undo.sql' } },
  ],
  files: filesOf(
    ...['002.expand.sql', '002.expand.undo.sql', '002.expand.check.sql', '002.backfill.sql', '002.backfill.undo.sql'],
    ...['002.backfill.check.sql', '002.contract.sql', '003.expand.sql', '003.expand.undo.sql', 'invariant.sql'],
  ),
  toExpanded: ['002.expand.sql', '003.expand.sql'],
  toContracted: ['002.contract.sql'],
  countsFills: true,
  ledger: { promoted: ['002/expand', '002/backfill', '003/expand'], contracted: ['002/contract'] },
  marks: { promoted: ['002.expand', '003.expand'], contracted: ['002.contract'] },
};
