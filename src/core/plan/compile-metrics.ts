import { parseLimit, type Limit } from '../descriptor/limit';
import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { MetricRule } from './plan';
import type { ResolveTarget } from './targets';

/** The metrics of a descriptor with their limits as numbers and their target resolved. */
export function compileMetrics(metrics: Descriptor['metrics'], resolveTarget: ResolveTarget): readonly MetricRule[] {
  return Object.entries(metrics).flatMap(([name, metric]): readonly MetricRule[] => {
    const common = { name, guardrail: metric.guardrail };
    if (metric.source === 'proxy') return [{ ...common, kind: 'proxy-errors', limit: limitOf(metric.max) }];
    const target = resolveTarget({ purpose: 'metrics', where: `Metric \`${name}\`` });
    if (target === undefined) return [];
    if ('value' in metric) return [{ ...common, kind: 'value', target, query: metric.value, max: metric.max }];
    const limit = limitOf(metric.max);
    if ('bad' in metric) return [{ ...common, kind: 'ratio', target, bad: metric.bad, total: metric.total, limit }];
    const aboveMs = durationMs(metric.above);
    return [{ ...common, kind: 'histogram', target, series: metric.histogram, aboveMs, limit }];
  });
}

// The schema has accepted the text already.
function limitOf(text: string): Limit {
  const limit = parseLimit(text);
  if (limit === undefined) throw new Error(`not a limit: ${text}`);
  return limit;
}
