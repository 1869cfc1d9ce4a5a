import type { Json, Row } from '../../outcome';
import { spillway, summarise, type Summary } from '../cell';
import type { Cells } from '../cells';
import { bestDelayS, isTickBound, mostDelayS } from '../rows';
import { titleOf, type Scenario } from '../streams/scenario';
import { finite, minutes, percent, shown } from './measure';

const describe = ({ found, medianDelayS, meanHarmed }: Summary): string =>
  `${percent(found)} found, median ${minutes(medianDelayS)}, ${Number(meanHarmed.toPrecision(3))} harmed`;

const figuresOf = ({ found, medianDelayS, meanHarmed }: Summary): Json => ({
  found: finite(found),
  medianDelayS: finite(medianDelayS),
  meanHarmed: finite(meanHarmed),
});

/** Holds the median delay of each row against `times` the limit; rows no rule can find within the stream have no bar. */
export async function measureDelays(
  cells: Cells,
  scenarios: readonly Scenario[],
  times: number,
): Promise<{ readonly figures: { readonly [row: string]: Json }; readonly rows: readonly Row[] }> {
  const figures: { [row: string]: Json } = {};
  const rows: Row[] = [];
  for (const bad of scenarios) {
    const title = titleOf(bad);
    const { rules } = await cells.run(bad);
    const summaries = Object.entries(rules).map(([rule, answers]) => [rule, summarise(answers, bad.onsetS)] as const);
    const ours = summaries.find(([rule]) => rule === spillway)?.[1];
    const [best, most] = [bestDelayS(bad), mostDelayS(bad, times)];
    const delayS = ours?.medianDelayS ?? Infinity;
    figures[title] = {
      limitS: finite(best),
      timesLimit: finite(delayS / best),
      mostS: most ?? null,
      ...Object.fromEntries(summaries.map(([rule, summary]) => [rule, figuresOf(summary)])),
    };
    const timesLimit = Number.isFinite(delayS) ? `, ${(delayS / best).toFixed(2)} × the limit` : '';
    const bar = isTickBound(bad, times) ? 'one tick' : `≤ ${minutes(most ?? Infinity)}`;
    rows.push({
      what: `${title}; limit ${minutes(best)}`,
      measured: ours === undefined ? 'not measured' : `${describe(ours)}${timesLimit}`,
      bar: most === undefined ? '–' : `median ${bar}`,
      isMet: most === undefined || delayS <= most + 1e-6,
    });
    for (const [rule, summary] of summaries) if (rule !== spillway) rows.push(shown(`… ${rule}`, describe(summary)));
  }
  return { figures, rows };
}
