import { firstOf } from './proportions';
import type { Rule } from './rule';

/** One-sided 1 % over three metrics. */
const critical = 2.7131;

/** A two-proportion z-test made for one look, looked at every tick from the first minute on: fast, and invalid. */
export const peekedZTest: Rule = {
  name: 'z-test, peeked',
  rollsBackAtS: (stream) =>
    firstOf(stream, ({ canaryBad, canary, controlBad, control }, elapsedS) => {
      if (elapsedS <= 60 || canaryBad + controlBad < 5) return false;
      const pooled = (canaryBad + controlBad) / (canary + control);
      const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / canary + 1 / control));
      return (canaryBad / canary - controlBad / control) / deviation > critical;
    }),
};
