import { firstOf } from './proportions';
import type { Rule } from './rule';

/** Two-sided 1 % over three metrics. */
const alpha = 0.01 / 3;
/** Requests at which the interval is tightest. */
const tightestAt = 5_000;
const rho2 = (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / tightestAt;
const leastRequests = 100;

/** Asymptotic confidence sequence of the difference of two proportions, as GrowthBook uses it; looked at every tick. */
export const asymptoticCs: Rule = {
  name: 'asymptotic CS 1 %',
  rollsBackAtS: (stream) =>
    firstOf(stream, ({ canaryBad, canary, controlBad, control }) => {
      if (canary < leastRequests || control < leastRequests) return false;
      const [p, q] = [canaryBad / canary, controlBad / control];
      if (p <= q) return false;
      const total = canary + control;
      const variance = total * ((p * (1 - p)) / canary + (q * (1 - q)) / control);
      const growth = total * rho2 + 1;
      const halfWidth = Math.sqrt(
        (variance * 2 * growth * Math.log(Math.sqrt(growth) / alpha)) / (total * total * rho2),
      );
      return p - q > halfWidth;
    }),
};
