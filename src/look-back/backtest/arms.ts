import { drawBinomial } from './draw-binomial';
import type { Counts, Tally } from '../../core/analysis/types';
import type { HistorySeries } from '../../adapters/metrics/prometheus-history';

/** How the requests of the stable version are told apart as if some of them had gone to a canary. */
export type Arms =
  /** Instances against instances: what really ran beside each other. */
  | {
      readonly kind: 'instances';
      readonly label: string;
      readonly instances: readonly string[];
      readonly first: number;
    }
  /** One instance: each request is dealt to an arm by chance. */
  | { readonly kind: 'dealt'; readonly random: () => number };

type Labels = HistorySeries['labels'];

/** The values of a label, sorted. */
export const instancesOf = (series: readonly HistorySeries[], label: string): readonly string[] =>
  [...new Set(series.flatMap(({ labels }) => labels[label] ?? []))].sort();

/** Which instances play the canary: as many as come nearest to its share, never none and never all; another one each window. */
export function canariesOf(
  { instances, first }: Extract<Arms, { kind: 'instances' }>,
  canaryPercent: number,
): ReadonlySet<string> {
  const wanted = Math.round((instances.length * canaryPercent) / 100);
  const count = Math.min(instances.length - 1, Math.max(1, wanted));
  return new Set(
    Array.from({ length: count }, (_, at) => instances[(first + at) % instances.length]).flatMap((name) => name ?? []),
  );
}

export const belongsTo =
  (label: string, names: ReadonlySet<string>, isIn: boolean) =>
  (labels: Labels): boolean =>
    names.has(labels[label] ?? '') === isIn;

const minus = (whole: Counts, part: Counts): Counts => ({ total: whole.total - part.total, bad: whole.bad - part.bad });

/** Deals requests to both arms by chance, good and bad ones alike. */
export function deal(whole: Counts, canaryPercent: number, random: () => number): Tally {
  const draw = (count: number): number => drawBinomial(count, canaryPercent / 100, random);
  const bad = draw(whole.bad);
  const canary = { bad, total: bad + draw(Math.max(0, whole.total - whole.bad)) };
  return { canary, baseline: minus(whole, canary) };
}
