import type { Json, Row } from '../../outcome';
import { spillway, summarise } from '../cell';
import { never } from '../rules/rule';
import { cleanRows } from '../rows';
import { titleOf } from '../streams/scenario';
import { upperBound } from '../upper-bound';
import { allowed, percent, shown, type Measure } from './measure';

/** With 83 of 10,000 the upper 95 % bound is still at most 1 %. */
const mostShare = 0.0083;

/** Streams in which nothing is wrong with the canary: every rollback is false. */
export const falseRollbacks: Measure = {
  name: 'false-rollbacks',
  async run(cells) {
    const figures: { [row: string]: Json } = {};
    const rows: Row[] = [];
    for (const scenario of cleanRows) {
      const { rules, advancesAtS } = await cells.run(scenario);
      const title = titleOf(scenario);
      const atS = rules[spillway]?.atS ?? [];
      const count = atS.filter((at) => at !== never).length;
      const most = allowed(mostShare, atS.length);
      const shares = Object.fromEntries(
        Object.entries(rules).map(([rule, answers]) => [rule, summarise(answers, 0).rolledBack]),
      );
      const upper = upperBound(count, atS.length);
      const advanced = advancesAtS.filter((at) => at !== never).length / atS.length;
      figures[title] = { falseRollbacks: count, streams: atS.length, upper95: upper, advanced, shares };
      rows.push({
        what: `false rollbacks, ${title}`,
        measured: `${count} of ${atS.length} (at most ${percent(upper)})`,
        bar: `≤ ${most} of ${atS.length}`,
        isMet: atS.length > 0 && count <= most,
      });
      const others = Object.entries(shares).filter(([rule]) => rule !== spillway);
      rows.push(shown('… of the others', others.map(([rule, share]) => `${rule} ${percent(share)}`).join(', ')));
    }
    return { figures, rows };
  },
};
