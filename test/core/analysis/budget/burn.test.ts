import { burnRate, judgeBurn, pushBurn, type BurnCell } from '../../../../src/core/analysis/budget/burn';

const minute = 60_000;
const allowed = 0.001;

/** A service with 100 requests a second for a time, minute by minute, with a share of bad answers in each. */
function served(minutes: number, shareAt: (minute: number) => number): readonly BurnCell[] {
  let cells: readonly BurnCell[] = [];
  for (let at = 0; at < minutes; at += 1)
    cells = pushBurn(cells, at * minute, { total: 6_000, bad: Math.round(6_000 * shareAt(at)) });
  return cells;
}

const judged = (minutes: number, shareAt: (minute: number) => number) =>
  judgeBurn(served(minutes, shareAt), minutes * minute - 1, allowed);

describe('the burn rate', () => {
  it('is 1 where as much fails as the promise allows', () => {
    expect(
      burnRate(
        served(60, () => 0.001),
        60 * minute,
        60 * minute,
        allowed,
      ),
    ).toBeCloseTo(1, 1);
  });

  it('counts time before the first look as clean', () => {
    const rate = burnRate(
      served(6, () => 0.01),
      6 * minute,
      60 * minute,
      allowed,
    );
    expect(rate).toBeCloseTo(1, 1);
  });

  it('is 0 without a request', () => {
    expect(burnRate([], 0, minute, allowed)).toBe(0);
  });
});

describe('the gate', () => {
  // 2 % of thirty days' budget in an hour, 5 % in six hours: the rates of the SRE literature.
  it.each([
    ['a healthy service', 120, () => 0.0005, 'none'],
    ['twice the promise for six hours', 360, () => 0.002, 'slow'],
    ['seven times the promise for six hours', 360, () => 0.007, 'halt'],
    ['fifteen times the promise for an hour', 60, () => 0.0155, 'reverse'],
    ['a whole outage of ten minutes', 10, () => 0.2, 'reverse'],
    ['an outage that is over for six minutes', 30, (at: number) => (at < 23 ? 0.2 : 0), 'halt'],
    ['one bad second at the start', 1, () => 0.02, 'none'],
  ] as const)('after %s', (_, minutes, shareAt, action) => {
    expect(judged(minutes, shareAt)).toMatchObject({ action });
  });
});

it('keeps a day in few cells, and every request of the last hours', () => {
  const cells = served(24 * 60, () => 0.001);
  expect(cells.length).toBeLessThan(40);
  const lastHour = cells.filter(([fromMs]) => fromMs >= 23 * 60 * minute);
  expect(lastHour.reduce((sum, cell) => sum + cell[1], 0)).toBe(60 * 6_000);
  expect(JSON.stringify(cells).length).toBeLessThan(2_048);
});

it('keeps counting when the clock goes back', () => {
  const cells = pushBurn(
    served(5, () => 0),
    2 * minute,
    { total: 10, bad: 1 },
  );
  expect(cells.at(-1)).toEqual([4 * minute, 6_010, 1]);
});
