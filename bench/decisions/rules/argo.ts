import { never, ticksPerMinute, type Rule } from './rule';

const everyMinutes = 5;
const leastSuccess = 0.95;
/** The documented `failureLimit: 3`: the fourth failure aborts. */
const failuresAllowed = 3;

/** Argo Rollouts' documented analysis: success of the last two scrapes (`irate`) every 5 minutes; no data fails the condition. */
export const argo: Rule = {
  name: 'Argo Rollouts irate',
  rollsBackAtS(stream) {
    const { canary, scenario } = stream;
    const every = everyMinutes * ticksPerMinute(stream);
    let failures = 0;
    for (let tick = every - 1; tick < scenario.ticks; tick += every) {
      const success = 1 - (canary.err[tick] ?? 0) / (canary.n[tick] ?? 0);
      if (!(success >= leastSuccess)) failures += 1;
      if (failures > failuresAllowed) return (tick + 1) * scenario.tickS;
    }
    return never;
  },
};
