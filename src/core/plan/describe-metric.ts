import type { Limit } from '../descriptor/limit';
import type { ValueLimit } from '../descriptor/value-limit';
import { formatDuration } from '../duration';
import type { MetricRule } from './plan';

/** One metric and its limit in words. */
export function describeMetric(metric: MetricRule): string {
  const weight = metric.guardrail ? 'guardrail' : 'observed only';
  const { owner } = metric;
  const owned = owner === undefined ? '' : `; owner ${owner.role} (${owner.people.join(', ') || 'nobody'})`;
  return `${metric.name} (${weight}): ${ruleText(metric)}${owned}`;
}

function ruleText(metric: MetricRule): string {
  switch (metric.kind) {
    case 'proxy-errors':
      return `share of bad answers at the proxy ${limitText(metric.limit)}`;
    case 'ratio':
      return `share of ${metric.bad} in ${metric.total} ${limitText(metric.limit)}; read at ${metric.target}`;
    case 'histogram':
      return `share slower than ${formatDuration(metric.aboveMs)} in ${metric.series} ${limitText(metric.limit)}; read at ${metric.target}`;
    case 'value':
      return `${metric.query} ${boundsText(metric)}; read at ${metric.target}`;
    case 'compared':
      return `${metric.query} ${comparedText(metric)}${metric.method === 'evidence' ? '' : ', judged once a stage by the classic judge'}; read at ${metric.target}`;
  }
}

const both = (texts: readonly string[]): string => texts.join(' and ');

const boundsText = ({ max, min }: Extract<MetricRule, { kind: 'value' }>): string =>
  both([...(max === undefined ? [] : [`at most ${max}`]), ...(min === undefined ? [] : [`at least ${min}`])]);

function comparedText({ max, min }: Extract<MetricRule, { kind: 'compared' }>): string {
  const text = (limit: ValueLimit, least: string, side: string): string =>
    limit.kind === 'margin'
      ? `at most ${limit.by} ${side} the baseline's`
      : `${least} ${limit.factor} times the baseline's`;
  return both([
    ...(max === undefined ? [] : [text(max, 'at most', 'above')]),
    ...(min === undefined ? [] : [text(min, 'at least', 'below')]),
  ]);
}

function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'absolute':
      return `at most ${percent(limit.share)} %`;
    case 'margin':
      return `at most ${percent(limit.share)} points above the baseline`;
    case 'factor':
      return `at most ${limit.factor} times the baseline`;
  }
}

// 0.003 * 100 is 0.30000000000000004.
function percent(share: number): number {
  return Number((share * 100).toFixed(6));
}
