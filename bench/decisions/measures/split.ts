import type { Json, Row } from '../../outcome';
import { medianOf } from '../cell';
import { never } from '../rules/rule';
import { cleanRows, splitRows } from '../rows';
import { titleOf } from '../streams/scenario';
import { allowed, finite, minutes, percent, type Measure } from './measure';

const mostFalse = 0.001;

/** A canary that gets a fifth too little of the traffic is held; one that gets its share is not. */
export const split: Measure = {
  name: 'split',
  async run(cells) {
    const figures: { [row: string]: Json } = {};
    const rows: Row[] = [];
    for (const { scenario, mostS } of splitRows) {
      const { holdsForSplitAtS } = await cells.run(scenario);
      const held = holdsForSplitAtS.filter((at) => at !== never).length / holdsForSplitAtS.length;
      const median = medianOf(holdsForSplitAtS.map((at) => (at === never ? Infinity : at)));
      figures[titleOf(scenario)] = { held: finite(held), medianS: finite(median) };
      rows.push({
        what: `held for the split, ${titleOf(scenario)}`,
        measured: `${percent(held)}, median ${minutes(median)}`,
        bar: `median ≤ ${minutes(mostS)}`,
        isMet: median <= mostS,
      });
    }
    for (const scenario of cleanRows) {
      const { holdsForSplitAtS } = await cells.run(scenario);
      const held = holdsForSplitAtS.filter((at) => at !== never).length;
      const most = allowed(mostFalse, holdsForSplitAtS.length);
      figures[titleOf(scenario)] = { falseHolds: held, streams: holdsForSplitAtS.length };
      rows.push({
        what: `false holds for the split, ${titleOf(scenario)}`,
        measured: `${held} of ${holdsForSplitAtS.length}`,
        bar: `≤ ${most} of ${holdsForSplitAtS.length}`,
        isMet: holdsForSplitAtS.length > 0 && held <= most,
      });
    }
    return { figures, rows };
  },
};
