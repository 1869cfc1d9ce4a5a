import type { Descriptor } from '../descriptor/schema';
import { parseValueLimit, type ValueLimit, type ValueSide } from '../descriptor/value-limit';
import type { MetricRule } from './plan';

type Metric = Extract<Descriptor['metrics'][string], { value: string }>;
type Common = Pick<Extract<MetricRule, { kind: 'value' }>, 'name' | 'guardrail' | 'owner' | 'target' | 'query'>;

function limitOn(side: ValueSide, text: string | number | undefined): ValueLimit | undefined {
  return typeof text === 'string' ? parseValueLimit(text, side) : undefined;
}

/** A value with bounds of its own, or one that is compared with the baseline's; lint has held its limits against each other. */
export function valueRule(common: Common, { max, min, method }: Metric): MetricRule {
  if (typeof max !== 'string' && typeof min !== 'string')
    return {
      ...common,
      kind: 'value',
      ...(max === undefined ? {} : { max }),
      ...(min === undefined ? {} : { min }),
    };
  const [most, least] = [limitOn('max', max), limitOn('min', min)];
  return {
    ...common,
    kind: 'compared',
    ...(most === undefined ? {} : { max: most }),
    ...(least === undefined ? {} : { min: least }),
    method,
  };
}
