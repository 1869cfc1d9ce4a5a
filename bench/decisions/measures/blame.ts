import type { Json, Row } from '../../outcome';
import { spillway } from '../cell';
import { cpuRow, errorRows, latencyRows } from '../rows';
import { titleOf, type Scenario } from '../streams/scenario';
import { finite, percent, type Measure } from './measure';

const leastRight = 0.99;
const mostExtra = 0.01;

const harmedRows: readonly { readonly metric: string; readonly scenarios: readonly Scenario[] }[] = [
  { metric: 'errors', scenarios: errorRows },
  { metric: 'latency', scenarios: latencyRows },
  { metric: 'cpu', scenarios: [cpuRow] },
];

/** Of the rollbacks after the onset: is the metric blamed that went bad, and is any other? */
export const blame: Measure = {
  name: 'blame',
  async run(cells) {
    const figures: { [row: string]: Json } = {};
    const rows: Row[] = [];
    for (const { metric, scenarios } of harmedRows) {
      let [rollbacks, right, extra] = [0, 0, 0];
      for (const scenario of scenarios) {
        const { rules, culprits } = await cells.run(scenario);
        const counted = culprits.filter((_, i) => (rules[spillway]?.atS[i] ?? 0) > scenario.onsetS);
        const rightHere = counted.filter((names) => names.includes(metric)).length;
        const extraHere = counted.filter((names) => names.some((name) => name !== metric)).length;
        figures[titleOf(scenario)] = { rollbacks: counted.length, right: rightHere, extra: extraHere };
        rollbacks += counted.length;
        right += rightHere;
        extra += extraHere;
      }
      const [rightShare, extraShare] = [right / rollbacks, extra / rollbacks];
      figures[metric] = { rollbacks, right: finite(rightShare), extra: finite(extraShare) };
      rows.push(
        {
          what: `${metric} went bad: blamed`,
          measured: `${percent(rightShare)} of ${rollbacks} rollbacks`,
          bar: `≥ ${percent(leastRight)}`,
          isMet: rightShare >= leastRight,
        },
        {
          what: `${metric} went bad: others blamed`,
          measured: `${percent(extraShare)} of ${rollbacks} rollbacks`,
          bar: `≤ ${percent(mostExtra)}`,
          isMet: extraShare <= mostExtra,
        },
      );
    }
    return { figures, rows };
  },
};
