import { parseValueLimit } from '../value-limit';
import type { Finding } from '../issue';
import type { Outline } from '../outline';

type Metric = Outline['metrics'][string];

/** Whether a value is held against the baseline's and not against bounds of its own. */
export const isCompared = ({ value, max, min }: Metric): boolean =>
  value !== undefined && [max, min].some((limit) => typeof limit === 'string' && limit.startsWith('baseline'));

function findingOf(name: string, metric: Metric): Finding | undefined {
  const { value, max, min, method } = metric;
  if (value === undefined) return undefined;
  const path = ['metrics', name];
  if (max === undefined && min === undefined)
    return {
      code: 'limit-missing',
      path,
      at: 'key',
      message: 'the value has neither a most nor a least, so nothing could ever be wrong with it',
      fix: 'write `max`, `min` or both',
    };
  if (isCompared(metric) && [max, min].some((limit) => typeof limit === 'number'))
    return {
      code: 'limits-mixed',
      path,
      at: 'key',
      message: 'one limit is a number and the other is beside the baseline, and a metric is judged in one way',
      fix: 'make two metrics of it',
    };
  if (method !== 'mann-whitney') return undefined;
  const limits = [parseText(max, 'max'), parseText(min, 'min')].filter((limit) => limit !== undefined);
  if (isCompared(metric) && limits.every(({ kind }) => kind === 'factor')) return undefined;
  return {
    code: 'method-unfit',
    path: [...path, 'method'],
    message: 'the classic judge compares means by their ratio',
    fix: 'write limits such as `baseline * 1.2`, or take the method out',
  };
}

const parseText = (text: unknown, side: 'max' | 'min') =>
  typeof text === 'string' ? parseValueLimit(text, side) : undefined;

/** A value has a limit at least, of one kind, that its method can judge. */
export const checkValues = ({ metrics }: Outline): readonly Finding[] =>
  Object.entries(metrics).flatMap(([name, metric]) => findingOf(name, metric) ?? []);
