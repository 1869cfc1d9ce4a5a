import { runCell, summarise } from '../../../bench/decisions/cell';
import { scenario } from '../../../bench/decisions/streams/scenario';

// Expected figures come from an independent implementation of the same streams and rules (numpy, other random numbers): the
// share of its streams, as many as are named, in which a rule rolled back. Four standard errors of both samples are tolerated.
const streams = 120;
const clean = (rps: number) => scenario({ name: 'clean', rps });
const incident = (rps: number) => scenario({ name: 'shared incident', rps, hasIncident: true });
const errors = (share: number, rps: number) =>
  scenario({ name: `errors ${share}`, rps, kind: 'bad', canaryErrors: share });
const slower = scenario({ name: 'p99 +20 %', rps: 20, kind: 'bad', tailFactor: 1.2 });

const cells = [
  [clean(1), 1_000, { 'Argo Rollouts irate': 0.395, 'Flagger t5': 0.04, 'z-test, peeked': 0.02 }],
  [clean(20), 1_000, { 'Flagger t5': 0.275, 'Flagger t10': 0.008, 'z-test, peeked': 0.148 }],
  [
    clean(500),
    1_000,
    { 'Flagger t5': 0, 'Kayenta 15 min': 0.005, 'z-test, peeked': 0.275, 'asymptotic CS 1 %': 0.006 },
  ],
  [incident(20), 1_000, { 'Flagger t5': 1, 'Flagger t10': 0.338, 'z-test, peeked': 0.196 }],
  [errors(0.005, 20), 200, { 'Flagger t10': 0.88, 'Kayenta 15 min': 0.64, 'asymptotic CS 1 %': 0.705 }],
  [
    errors(0.05, 1),
    1_200,
    {
      'Argo Rollouts irate': 0.508,
      'Flagger t10': 0.769,
      'Kayenta 15 min': 0.399,
      'asymptotic CS 1 %': 0.562,
    },
  ],
  [slower, 200, { 'Flagger t5': 0.685, 'Kayenta 15 min': 0.485, 'z-test, peeked': 0.91, 'asymptotic CS 1 %': 0.48 }],
] as const;

const rolledBack = (answers: { atS: number[]; harmed: number[] } | undefined): number =>
  answers === undefined ? NaN : summarise(answers, 0).rolledBack;

describe("the peers' rules", () => {
  it.each(cells)('roll back as often as an independent implementation says: cell %#', (cell, others, expected) => {
    const { rules } = runCell({ scenario: cell, seed: 7, from: 0, to: streams, judges: 'peers' });
    for (const [rule, share] of Object.entries(expected)) {
      const pooled = (share * others + 1) / (others + 2);
      const tolerance = 4 * Math.sqrt(pooled * (1 - pooled) * (1 / streams + 1 / others));
      const measured = rolledBack(rules[rule]);
      expect({ rule, within: Math.abs(measured - share) <= tolerance, measured }).toEqual({
        rule,
        within: true,
        measured,
      });
    }
  });

  it('answer as late, and let as many requests be harmed, as an independent implementation says', () => {
    const { rules } = runCell({ scenario: errors(0.01, 20), seed: 7, from: 0, to: streams, judges: 'peers' });
    // Median minutes and mean harmed requests of 200 streams each.
    for (const [rule, medianMinutes, harmed] of [
      ['Flagger t5', 12, 13.9],
      ['Flagger t10', 24, 26.6],
      ['Kayenta 15 min', 30, 41.1],
      ['z-test, peeked', 3, 3.97],
      ['asymptotic CS 1 %', 18, 19.1],
    ] as const) {
      const answers = rules[rule];
      if (answers === undefined) throw new Error(`there is no rule ${rule}`);
      const { medianDelayS, meanHarmed } = summarise(answers, 0);
      expect(Math.abs(medianDelayS / 60 / medianMinutes - 1)).toBeLessThanOrEqual(0.2);
      expect(Math.abs(meanHarmed / harmed - 1)).toBeLessThanOrEqual(0.2);
    }
  });
});
