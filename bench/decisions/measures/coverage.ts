import type { Json, Row } from '../../outcome';
import { medianOf } from '../cell';
import { coverageRows } from '../rows';
import { titleOf } from '../streams/scenario';
import { finite, percent, type Measure } from './measure';

const least = 0.95;

/** Does the confidence sequence of the error ratio hold the truth at all looks at once? */
export const coverage: Measure = {
  name: 'coverage',
  async run(cells) {
    const figures: { [row: string]: Json } = {};
    const rows: Row[] = [];
    for (const scenario of coverageRows) {
      const { missed, widths } = await cells.cover(scenario);
      const covered = missed.filter((count) => count === 0).length / missed.length;
      // An interval that says nothing covers everything, so its width is told too.
      const width = medianOf(widths);
      figures[titleOf(scenario)] = {
        covered: finite(covered),
        streams: missed.length,
        medianHighOverLow: finite(width),
      };
      rows.push({
        what: `ratio ${scenario.errorRatio} inside the sequence at all looks, ${titleOf(scenario)}`,
        measured: `${percent(covered)} of ${missed.length} streams; at the end high ÷ low ${Number(width.toPrecision(3))}`,
        bar: `≥ ${percent(least)}`,
        isMet: covered >= least,
      });
    }
    return { figures, rows };
  },
};
