import fc from 'fast-check';
import {
  narrow,
  nextRows,
  rowsAfterTimeout,
  suspectsToTry,
  type Suspects,
} from '../../../src/core/backfill/batch-rows';

const rule = { key: { rows: 10_000 }, throttle: { statementMs: 200 } };

it.each([
  ['a slow batch halves the next', 8_000, 201, 4_000],
  ['one in time keeps it', 4_000, 150, 4_000],
  ['a fast one doubles it', 4_000, 20, 8_000],
  ['never above what is declared', 8_000, 20, 10_000],
  ['never below one', 1, 5_000, 1],
])('%s', (_, rows, tookMs, next) => {
  expect(nextRows(rows, tookMs, rule)).toBe(next);
});

it('a batch that ran out of time is made far smaller, until it is one row', () => {
  expect([10_000, 10, 2, 1].map(rowsAfterTimeout)).toEqual([1_000, 1, 1, undefined]);
});

it('any one failing row of any stretch is found, with every row before it done, in few tries', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (rows, at) => {
        const bad = Math.floor(at * rows);
        let done = 0;
        let tries = 1;
        // The whole stretch was tried and failed.
        let suspects: Suspects | undefined = narrow({ rows }, rows, true);
        for (; suspects !== undefined && suspects.rows > 1; tries += 1) {
          const tried = suspectsToTry(suspects);
          const hasFailed = bad >= done && bad < done + tried;
          if (!hasFailed) done += tried;
          suspects = narrow(suspects, tried, hasFailed);
        }
        expect([done, suspects?.rows]).toEqual([bad, 1]);
        expect(tries).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(rows + 1)));
      },
    ),
  );
});
