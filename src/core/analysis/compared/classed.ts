import type { ValueLimit } from '../../descriptor/value-limit';
import { classify } from '../classic/classify';
import { judgeConfigSchema } from '../classic/schema';
import type { Verdict } from '../types';
import type { Points } from './points';
import type { ComparedRule } from './rule';

/** What the classic judge says of a stage's readings. */
export type Classed = Pick<Verdict, 'value' | 'reason'>;

const factorOf = (limit: ValueLimit | undefined): number => (limit?.kind === 'factor' ? limit.factor : 1);

/** The class of the readings by Mann and Whitney's test, with the factors of the limits as the least effect that counts. */
export function judgeOnce(rule: ComparedRule, { pairs }: Points): Classed {
  const direction = rule.max === undefined ? 'decrease' : rule.min === undefined ? 'increase' : 'either';
  const effectSize = { allowedIncrease: factorOf(rule.max), allowedDecrease: factorOf(rule.min) };
  const config = judgeConfigSchema.parse({
    metrics: [{ name: rule.name, analysisConfigurations: { canary: { direction, effectSize } } }],
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
  return { value, reason: `${found.class} of ${pairs.length} readings each: ${found.reason}` };
}
