import { seededRandom } from '../../../src/core/seeded-random';
import {
  limitAt,
  logEvidenceOfTick,
  type LinearLimit,
  type Shares,
} from '../../../src/core/analysis/methods/linear-limit';

const choose = (n: number, k: number): number =>
  Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, factor) => product * factor, 1);
const chance = (n: number, k: number, p: number): number => choose(n, k) * p ** k * (1 - p) ** (n - k);

/** The expectation of the evidence of one tick, over all that can happen. */
function expectation(limit: LinearLimit, alternative: Shares, requests: Shares, truth: Shares): number {
  let sum = 0;
  for (let control = 0; control <= requests.control; control += 1)
    for (let canary = 0; canary <= requests.canary; canary += 1) {
      const arms = {
        control: { total: requests.control, bad: control },
        canary: { total: requests.canary, bad: canary },
      };
      const likely = chance(requests.control, control, truth.control) * chance(requests.canary, canary, truth.canary);
      sum += likely * Math.exp(logEvidenceOfTick(arms, limit, alternative));
    }
  return sum;
}

const limits: readonly (readonly [string, LinearLimit])[] = [
  ['an absolute limit', { slope: 0, share: 0.1 }],
  ['a margin', { slope: 1, share: 0.05 }],
  ['a factor', { slope: 1.5, share: 0.001 }],
];

describe.each(limits)('evidence against %s', (_name, limit) => {
  const random = seededRandom(5);
  const draws = Array.from({ length: 300 }, () => ({
    requests: { control: Math.floor(random() * 9), canary: Math.floor(random() * 9) },
    control: 0.3 * random() ** 2,
    expected: 0.3 * random() ** 2,
    part: random(),
    other: random(),
  }));

  it('is a bet that nobody can win on average against a canary within the limit, whatever the control does', () => {
    for (const { requests, control, expected, part, other } of draws) {
      const allowed = limitAt(limit, expected);
      const alternative = { control: expected, canary: allowed + other * (1 - allowed) };
      const truth = { control, canary: part * limitAt(limit, control) };
      expect(expectation(limit, alternative, requests, truth)).toBeLessThanOrEqual(1 + 1e-6);
    }
  });

  it('is the same for a canary beyond the limit and the bet that it is within', () => {
    for (const { requests, control, expected, part, other } of draws) {
      const alternative = { control: expected, canary: other * limitAt(limit, expected) };
      const allowed = limitAt(limit, control);
      const truth = { control, canary: allowed + part * (1 - allowed) };
      expect(expectation(limit, alternative, requests, truth)).toBeLessThanOrEqual(1 + 1e-6);
    }
  });

  it('says nothing where the canary has no requests', () => {
    const arms = { control: { total: 50, bad: 20 }, canary: { total: 0, bad: 0 } };
    expect(logEvidenceOfTick(arms, limit, { control: 0.01, canary: 0.6 })).toBeCloseTo(0, 6);
  });
});

it('is the plain likelihood ratio against an absolute limit', () => {
  const arms = { control: { total: 500, bad: 9 }, canary: { total: 40, bad: 6 } };
  const log = logEvidenceOfTick(arms, { slope: 0, share: 0.1 }, { control: 0.02, canary: 0.2 });
  expect(log).toBeCloseTo(6 * Math.log(2) + 34 * Math.log(0.8 / 0.9), 9);
});

it('cannot tell a margin without a control, because any control would explain the canary', () => {
  const arms = { control: { total: 0, bad: 0 }, canary: { total: 40, bad: 30 } };
  expect(logEvidenceOfTick(arms, { slope: 1, share: 0.01 }, { control: 0.01, canary: 0.7 })).toBeCloseTo(0, 6);
});
