import type { ValueLimit } from '../../descriptor/value-limit';
import { classify } from '../classic/classify';
import { judgeConfigSchema } from '../classic/schema';
import type { Verdict } from '../types';
import { leastPoints } from './points';
import type { ComparedRule, ComparedState } from './state';

/** Fewer readings of a stage say nothing, however alike they are. */
const leastReadings = 5;

const shown = (value: number): string => String(Number(value.toPrecision(4)));

const boundOf = (limit: ValueLimit, baseline: number, side: 1 | -1): number =>
  limit.kind === 'margin' ? baseline + side * limit.by : baseline + (limit.factor - 1) * Math.abs(baseline);

type Judged = Pick<Verdict, 'value' | 'reason' | 'canary' | 'baseline' | 'limit'>;

function asClassic(rule: ComparedRule, { points }: ComparedState, isBaked: boolean, seen: string): Judged {
  const pairs = points?.pairs ?? [];
  if (!isBaked) return { value: 'inconclusive', reason: `${seen}; judged once, when the stage has baked` };
  if (pairs.length < leastPoints)
    return { value: 'inconclusive', reason: `${seen}; ${pairs.length} of ${leastPoints} readings needed` };
  const factorOf = (limit: ValueLimit | undefined): number => (limit?.kind === 'factor' ? limit.factor : 1);
  const direction = rule.max === undefined ? 'decrease' : rule.min === undefined ? 'increase' : 'either';
  const config = judgeConfigSchema.parse({
    metrics: [
      {
        name: rule.name,
        analysisConfigurations: {
          canary: {
            direction,
            effectSize: { allowedIncrease: factorOf(rule.max), allowedDecrease: factorOf(rule.min) },
          },
        },
      },
    ],
  });
  const [metric] = config.metrics;
  if (metric === undefined) throw new Error('the configuration has one metric');
  const found = classify(
    { canary: pairs.map(([, canary]) => canary), baseline: pairs.map(([baseline]) => baseline) },
    metric.analysisConfigurations.canary,
    config,
  );
  const value =
    found.class === 'Pass' ? 'pass' : found.class === 'High' || found.class === 'Low' ? 'fail' : 'inconclusive';
  return { value, reason: `${seen}; ${found.class} of ${pairs.length} readings each: ${found.reason}` };
}

/**
 * What the readings of a stage say of a compared metric, before its evidence is weighed: a pass where the canary's mean is
 * within its limits, or the class of the classic judge once the stage has baked.
 */
export function judgeCompared(rule: ComparedRule, state: ComparedState | undefined, isBaked: boolean): Judged {
  const count = state?.stage.count ?? 0;
  if (state === undefined || count === 0)
    return { value: 'inconclusive', reason: `${rule.name}: no reading in this stage yet` };
  const [canary, baseline] = [state.stage.canary / count, state.stage.baseline / count];
  const [max, min] = [
    rule.max === undefined ? Infinity : boundOf(rule.max, baseline, 1),
    rule.min === undefined ? -Infinity : boundOf(rule.min, baseline, -1),
  ];
  const isHigh = canary > max;
  const limit = max === Infinity || (min !== -Infinity && canary < baseline) ? min : max;
  const bounds = [
    ...(max === Infinity ? [] : [`at most ${shown(max)}`]),
    ...(min === -Infinity ? [] : [`at least ${shown(min)}`]),
  ];
  const seen = `${rule.name}: canary ${shown(canary)}, baseline ${shown(baseline)}, ${bounds.join(' and ')}`;
  const measured = { canary, baseline, limit };
  if (rule.method === 'mann-whitney') return { ...measured, ...asClassic(rule, state, isBaked, seen) };
  if (count < leastReadings)
    return { ...measured, value: 'inconclusive', reason: `${seen}; ${count} of ${leastReadings} readings needed` };
  return isHigh || canary < min
    ? { ...measured, value: 'inconclusive', reason: `${seen}; beyond the limit, but it may be chance` }
    : { ...measured, value: 'pass', reason: seen };
}
