import { decodeShares, encodeWeights, toServers } from '../../../src/adapters/traffic/haproxy-split';

it.each([
  [0, { blue: 100, green: 0 }],
  [5, { blue: 95, green: 5 }],
  [100, { blue: 0, green: 100 }],
  [2.5, { blue: 39, green: 1 }],
  [0.4, { blue: 249, green: 1 }],
  [99.5, { blue: 1, green: 199 }],
])('shows %s percent exactly', (green, weights) => {
  expect(encodeWeights({ blue: 100 - green, green })).toEqual(weights);
});

it('shows every share of one decimal from 0.4 to 99.6 percent, and reads it back', () => {
  const wrong = [];
  for (let tenths = 4; tenths <= 996; tenths += 1) {
    const weights = encodeWeights({ blue: (1000 - tenths) / 10, green: tenths / 10 });
    if (weights === undefined || decodeShares(weights).green !== tenths / 10) wrong.push(tenths);
    else if (Math.max(weights.blue, weights.green) > 256 || !Number.isInteger(weights.blue)) wrong.push(tenths);
  }
  expect(wrong).toEqual([]);
});

it('refuses a share that the weights cannot show, rather than expose more', () => {
  const split = { blue: { weight: 99.9, state: 'ready' }, green: { weight: 0.1, state: 'ready' } } as const;
  expect(() => toServers(split)).toThrow(/smallest share is 0.4 %/);
});

it('reads shares that do not add up to a hundred, and none of none', () => {
  expect(decodeShares({ blue: 100, green: 100 })).toEqual({ blue: 50, green: 50 });
  expect(decodeShares({ blue: 0, green: 0 })).toEqual({ blue: 0, green: 0 });
});
