import type { Finding } from '../issue';
import type { Outline } from '../outline';
import { isCompared } from './values';

const mostMetrics = 50;

/** A query that is compared between slots says where the slot goes. */
export function checkSlot({ metrics }: Outline): readonly Finding[] {
  const keys = ['bad', 'total', 'histogram'] as const;
  return Object.entries(metrics).flatMap(([name, metric]) =>
    [...keys, ...(isCompared(metric) ? (['value'] as const) : [])].flatMap((key) => {
      const query = metric[key];
      if (query === undefined || query.includes('$slot')) return [];
      return [
        {
          code: 'slot-missing',
          path: ['metrics', name, key],
          message: 'without $slot the query would count both versions together and never tell them apart',
          fix: 'add a label such as {slot="$slot"}',
        },
      ];
    }),
  );
}

/** Each metric costs queries all the time. */
export function checkMetricCount({ metrics }: Outline): readonly Finding[] {
  const count = Object.keys(metrics).length;
  if (count <= mostMetrics) return [];
  return [
    {
      code: 'too-many-metrics',
      path: ['metrics'],
      at: 'key',
      message: `there are ${count} metrics, and every one is queried all the time`,
      fix: `keep at most ${mostMetrics}`,
    },
  ];
}
