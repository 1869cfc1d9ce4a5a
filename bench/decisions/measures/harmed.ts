import type { Json, Row } from '../../outcome';
import { spillway, summarise } from '../cell';
import type { Cells } from '../cells';
import { alpha, errorRows, isTickBound, mostDelayS } from '../rows';
import { scenario, titleOf, type Scenario } from '../streams/scenario';
import { errorTimes } from './errors';
import { finite, type Measure } from './measure';

const mostShare = 0.6;
/** Clean streams that say whether a peer is honest at this traffic. */
const honestyStreams = 2_000;

/** Peers that roll back at most 1 % of the clean canaries at the traffic and tick of this row. */
async function honestAt(cells: Cells, { rps, tickS, ticks }: Scenario): Promise<readonly string[]> {
  const clean = scenario({ name: 'clean', rps, tickS, ticks });
  const { rules } = await cells.run(clean, 'peers', Math.min(honestyStreams, cells.streams));
  return Object.entries(rules).flatMap(([rule, answers]) => (summarise(answers, 0).rolledBack <= alpha ? [rule] : []));
}

/** Rows that can be found, and not by waiting for the end of the first tick. */
const isContest = (bad: Scenario): boolean =>
  mostDelayS(bad, errorTimes) !== undefined && !isTickBound(bad, errorTimes);

/** Harmed requests until the decision, against the best rule that keeps its promise on clean streams. */
export const harmed: Measure = {
  name: 'harmed',
  async run(cells) {
    const figures: { [row: string]: Json } = {};
    const rows: Row[] = [];
    for (const bad of errorRows.filter(isContest)) {
      const honest = await honestAt(cells, bad);
      const { rules } = await cells.run(bad);
      const means = Object.entries(rules).map(
        ([rule, answers]) => [rule, summarise(answers, bad.onsetS).meanHarmed] as const,
      );
      const ours = means.find(([rule]) => rule === spillway)?.[1] ?? Infinity;
      const [best] = means.filter(([rule]) => honest.includes(rule)).sort(([, a], [, b]) => a - b);
      if (best === undefined) continue;
      const [rule, harm] = best;
      const share = ours / harm;
      figures[titleOf(bad)] = { harmed: finite(ours), best: rule, bestHarmed: finite(harm), share: finite(share) };
      rows.push({
        what: `harmed requests, ${titleOf(bad)}`,
        measured: `${Number(ours.toPrecision(3))} against ${Number(harm.toPrecision(3))} of ${rule}: ${share.toFixed(2)}`,
        bar: `≤ ${mostShare} × the best honest rule`,
        isMet: share <= mostShare,
      });
    }
    return { figures, rows };
  },
};
