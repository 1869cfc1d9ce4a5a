import { parseLimit } from '../core/descriptor/limit';
import { parseValueLimit } from '../core/descriptor/value-limit';
import type { MetricRule } from '../core/plan/plan';
import { UsageError } from './fault';

function withLimit(rule: MetricRule, text: string): MetricRule {
  if (rule.kind === 'value') {
    const max = text.trim() === '' ? NaN : Number(text);
    if (Number.isFinite(max)) return rule.max === undefined ? { ...rule, min: max } : { ...rule, max };
    throw new UsageError(
      `--limit ${rule.name} wants a number, because the metric is one value, not ${JSON.stringify(text)}.`,
    );
  }
  if (rule.kind === 'compared') {
    const [max, min] = [parseValueLimit(text.trim(), 'max'), parseValueLimit(text.trim(), 'min')];
    if (max !== undefined && rule.max !== undefined) return { ...rule, max };
    if (min !== undefined && rule.min !== undefined) return { ...rule, min };
    throw new UsageError(
      `--limit ${rule.name} wants a limit such as "baseline * 1.2" on a side where the metric has one, not ${JSON.stringify(text)}.`,
    );
  }
  const limit = parseLimit(text.trim());
  if (limit !== undefined) return { ...rule, limit };
  throw new UsageError(
    `--limit ${rule.name} wants a limit such as 1%, "baseline + 0.5%" or "baseline * 1.2", not ${JSON.stringify(text)}.`,
  );
}

/** The rules with other limits, each said as `metric=limit`. */
export function withLimitTexts(rules: readonly MetricRule[], texts: readonly string[]): readonly MetricRule[] {
  return texts.reduce((each, text) => {
    const [, name, limit] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || limit === undefined)
      throw new UsageError(`--limit wants metric=limit, such as http-errors=1%, not ${JSON.stringify(text)}.`);
    if (!each.some((rule) => rule.name === name))
      throw new UsageError(
        `--limit names ${JSON.stringify(name)}, and the release has ${each.map((rule) => rule.name).join(', ')}.`,
      );
    return each.map((rule) => (rule.name === name ? withLimit(rule, limit) : rule));
  }, rules);
}
