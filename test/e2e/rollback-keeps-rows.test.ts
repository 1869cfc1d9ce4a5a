import { measureRollback } from '../../bench/data/rollback-with-data';

test('a rollback after 100 % keeps all 10,000 rows written since, row by row, and proves the old form', async () => {
  const found = await measureRollback({
    rows: 20_000,
    written: 10_000,
    requestsPerSecond: 100,
    fsync: false,
    say: () => undefined,
  });
  expect(found).toMatchObject({ lostRows: 0, keptRows: 10_000, isProved: true });
  expect(found.proof).toMatch(/^\d\d,\d{3} rows, \d+ of them written by users since, none changed by the undo$/);
}, 300_000);
