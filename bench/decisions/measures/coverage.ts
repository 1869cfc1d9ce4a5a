import type { Json, Row } from '../../outcome';
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
      const { missed, looks } = await cells.cover(scenario);
      // A stream without a single interval covers nothing.
      const covered = missed.filter((count, i) => count === 0 && (looks[i] ?? 0) > 0).length / missed.length;
      figures[titleOf(scenario)] = { covered: finite(covered), streams: missed.length };
      rows.push({
        what: `ratio ${scenario.errorRatio} inside the sequence at all looks, ${titleOf(scenario)}`,
        measured: `${percent(covered)} of ${missed.length} streams`,
        bar: `≥ ${percent(least)}`,
        isMet: covered >= least,
      });
    }
    return { figures, rows };
  },
};
