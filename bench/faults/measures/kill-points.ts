import { matrixOf, randomCases } from '../../../test/faults/cases';
import type { Played } from '../../../test/faults/play';
import { runCases } from '../../../test/faults/run';
import { sampleOf } from '../../../test/faults/sample';
import { splitWorld } from '../../../test/faults/split-world';
import type { Measure } from '../measure';

const lanes = 5;
const freezeMs = 30_000;

const rowsOf = (played: readonly Played[]): string[][] =>
  [...new Set(played.map(({ fault }) => fault.kind))].map((kind) => {
    const of = played.filter(({ fault }) => fault.kind === kind);
    return [`of them: ${kind}`, `${of.length} cases, ${of.filter(({ broken }) => broken.length > 0).length} broken`];
  });

/** Releases whose worker, or a part below them, dies at a point; an independent checker reads the real systems after each. */
export const killPoints: Measure = {
  name: 'kill-points',
  async run({ seed, cases, from, random, say }) {
    const faults = [...sampleOf(matrixOf(seed), cases).slice(from), ...randomCases(seed, random)];
    const played = await runCases(faults, { world: splitWorld, fsync: false, lanes, freezeMs, say });
    const broken = played.filter((one) => one.broken.length > 0);
    return {
      figures: {
        cases: played.length,
        casesBroken: broken.length,
        invariantsBroken: broken.reduce((sum, one) => sum + one.broken.length, 0),
      },
      rows: rowsOf(played),
    };
  },
};
