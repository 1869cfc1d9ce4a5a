import type { Json, Row } from '../../outcome';
import { spillway, summarise } from '../cell';
import type { Cells } from '../cells';
import { alpha, errorRows, isTickBound, mostDelayS } from '../rows';
import { scenario, titleOf, type Scenario } from '../streams/scenario';
import { errorTimes } from './errors';
import { finite, type Measure } from './measure';

const mostShare = 0.6;
/** Hours of clean canaries that say whether a peer is honest, and how many of each. */
const honestRps = [1, 20, 500];
const honestyStreams = { least: 500, most: 2_000 };

/** Peers that roll back at most 1 % of the clean canaries, over quiet and busy services together. */
async function honestPeers(cells: Cells): Promise<readonly string[]> {
  const streams = Math.min(honestyStreams.most, Math.max(honestyStreams.least, cells.streams));
  const shares: { [rule: string]: number } = {};
  for (const rps of honestRps) {
    const { rules } = await cells.run(scenario({ name: 'clean', rps }), 'peers', streams);
    for (const [rule, answers] of Object.entries(rules))
      shares[rule] = (shares[rule] ?? 0) + summarise(answers, 0).rolledBack / honestRps.length;
  }
  return Object.entries(shares).flatMap(([rule, share]) => (share <= alpha ? [rule] : []));
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
    const honest = await honestPeers(cells);
    for (const bad of errorRows.filter(isContest)) {
      const { rules } = await cells.run(bad);
      const means = Object.entries(rules).map(
        ([rule, answers]) => [rule, summarise(answers, bad.onsetS).meanHarmed] as const,
      );
      const ours = means.find(([rule]) => rule === spillway)?.[1] ?? Infinity;
      const [best] = means.filter(([rule]) => honest.includes(rule)).sort(([, a], [, b]) => a - b);
      // Where no peer is honest there is nothing to be held against, so the bar is missed.
      const [rule, harm] = best ?? ['nobody', NaN];
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
