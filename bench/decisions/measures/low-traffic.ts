import { spillway, summarise } from '../cell';
import { lowTraffic } from '../rows';
import { titleOf } from '../streams/scenario';
import { finite, minutes, percent, type Measure } from './measure';

const leastFound = 0.95;
const mostS = 900;

/** 5 % errors where the canary answers six requests a minute. */
export const lowTrafficErrors: Measure = {
  name: 'low-traffic',
  async run(cells) {
    const answers = (await cells.run(lowTraffic)).rules[spillway] ?? { atS: [], harmed: [] };
    const { found, medianDelayS } = summarise(answers, lowTraffic.onsetS);
    const title = titleOf(lowTraffic);
    return {
      figures: { found: finite(found), medianDelayS: finite(medianDelayS) },
      rows: [
        {
          what: `${title}: found`,
          measured: percent(found),
          bar: `≥ ${percent(leastFound)}`,
          isMet: found >= leastFound,
        },
        {
          what: `${title}: median`,
          measured: minutes(medianDelayS),
          bar: `≤ ${minutes(mostS)}`,
          isMet: medianDelayS <= mostS,
        },
      ],
    };
  },
};
