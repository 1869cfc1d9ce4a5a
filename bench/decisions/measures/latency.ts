import { spillway, summarise } from '../cell';
import { latencyRows } from '../rows';
import { titleOf } from '../streams/scenario';
import { measureDelays } from './delays';
import { percent, type Measure } from './measure';

const latencyTimes = 3;
/** p99 +20 % at 20 requests a second, found within the hour. */
const leastFound = 0.9;

export const latency: Measure = {
  name: 'latency',
  async run(cells) {
    const { figures, rows } = await measureDelays(cells, latencyRows, latencyTimes);
    const row = latencyRows.find(({ rps, tailFactor, tickS }) => rps === 20 && tailFactor === 1.2 && tickS === 15);
    if (row === undefined) throw new Error('bench/decisions/rows.ts lacks p99 +20 % at 20 requests a second');
    const answers = (await cells.run(row)).rules[spillway];
    const found = answers === undefined ? 0 : summarise(answers, row.onsetS).found;
    const isMet = found >= leastFound;
    const bar = { what: `${titleOf(row)}: found`, measured: percent(found), bar: `≥ ${percent(leastFound)}`, isMet };
    return { figures, rows: [...rows, bar] };
  },
};
