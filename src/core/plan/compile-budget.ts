import type { Descriptor } from '../descriptor/schema';
import type { Plan } from './plan';

/** What the release may spend; nothing where the descriptor bounds nothing. */
export function compileBudget({ budget }: Descriptor): Pick<Plan, 'budget'> {
  if (budget === undefined) return {};
  const { slo, maxExcessErrors, users } = budget;
  return {
    budget: {
      // 1 - 0.999 is 0.0010000000000000009.
      ...(slo === undefined ? {} : { allowedShare: Number((1 - slo / 100).toPrecision(12)) }),
      ...(maxExcessErrors === undefined ? {} : { maxExcessErrors }),
      ...(users === undefined ? {} : { users }),
    },
  };
}
