import type { Issue } from '../../descriptor/issue';
import type { VerdictValue } from '../types';
import { classify, type Classified, type ClassicClass } from './classify';
import { pValueOf, type PValue } from './p-value';
import { mean } from './samples';
import type { JudgeConfig, Pairs } from './schema';
import { shiftResolution } from './shift';

/** One arm as it was compared. The mean is null without points. */
type ArmSummary = { readonly points: number; readonly mean: number | null };

export type MetricJudgement = {
  readonly metric: string;
  readonly class: ClassicClass;
  readonly value: VerdictValue;
  readonly isCritical: boolean;
  readonly isMuted: boolean;
  readonly reason: string;
  readonly canary: ArmSummary;
  readonly baseline: ArmSummary;
  /** Of the canary against the baseline, in the metric's unit; null where nothing was compared. */
  readonly shift: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly pValue: PValue | null;
  readonly effect: number | null;
  readonly warnings: readonly string[];
};

export type Judgement = {
  /** Fail when one metric fails, else inconclusive when one is, else pass; muted ones have no say. */
  readonly value: VerdictValue;
  readonly metrics: readonly MetricJudgement[];
};

/** What the published judge asks for before it is silent about how little it had. */
const fewPoints = 50;

const valueOf = ({ class: found, isCritical }: Classified): VerdictValue => {
  if (found === 'Pass') return 'pass';
  if (found === 'High' || found === 'Low' || found === 'NodataFailMetric') return 'fail';
  return isCritical ? 'fail' : 'inconclusive';
};

const summaryOf = (values: readonly number[]): ArmSummary => ({
  points: values.length,
  mean: values.length === 0 ? null : mean(values),
});

function warningsOf({ canary, baseline }: Classified): readonly string[] {
  const least = Math.min(canary.length, baseline.length);
  if (least === 0) return [];
  const all = [...canary, ...baseline];
  const spread = all.reduce((most, value) => Math.max(most, value), -Infinity) - all.reduce((a, b) => Math.min(a, b));
  return [
    ...(least < fewPoints ? [`${least} points are few: with less than ${fewPoints} only large shifts are seen`] : []),
    ...(spread > 0 && spread < 100 * shiftResolution
      ? [
          `the points differ by ${Number(spread.toPrecision(2))}, and shifts are found to ${shiftResolution}: scale them up`,
        ]
      : []),
  ];
}

function judgementOf(metric: JudgeConfig['metrics'][number], pair: Pairs[number] | undefined, config: JudgeConfig) {
  const settings = metric.analysisConfigurations.canary;
  const points = { canary: pair?.values.experiment ?? [], baseline: pair?.values.control ?? [] };
  // The published judge never looks at a metric that has no pair: absence would pass.
  const found = classify(points, pair === undefined ? { ...settings, nanStrategy: 'remove' } : settings, config);
  const { shift, canary, baseline } = found;
  return {
    metric: metric.name,
    class: found.class,
    value: valueOf(found),
    isCritical: found.isCritical,
    isMuted: settings.muted,
    reason: pair === undefined ? 'no pair has its name' : found.reason,
    canary: summaryOf(canary),
    baseline: summaryOf(baseline),
    shift: shift?.estimate ?? null,
    interval: shift === undefined ? null : { low: shift.low, high: shift.high },
    pValue: shift === undefined ? null : pValueOf(canary, baseline),
    effect: found.effect ?? null,
    warnings: warningsOf(found),
  };
}

/** Judges every metric of the configuration, in its order. A metric without a pair has no data. */
export function judgePairs(config: JudgeConfig, pairs: Pairs): Judgement {
  const byName = new Map(pairs.map((pair) => [pair.name, pair]));
  const metrics = config.metrics.map((metric) => judgementOf(metric, byName.get(metric.name), config));
  const heard = metrics.filter(({ isMuted }) => !isMuted);
  const value = (['fail', 'inconclusive'] as const).find((each) => heard.some((metric) => metric.value === each));
  return { value: value ?? (heard.length === 0 ? 'inconclusive' : 'pass'), metrics };
}

type Named = { readonly name: string };

/** Names that say nothing: a pair no metric asks for, and a name that stands twice. */
export function nameIssues(
  { metrics }: JudgeConfig,
  pairs: Pairs,
): readonly {
  readonly in: 'config' | 'pairs';
  readonly index: number;
  readonly words: Pick<Issue, 'code' | 'message' | 'fix'>;
}[] {
  const twice = (where: 'config' | 'pairs', list: readonly Named[]) =>
    list.flatMap(({ name }, index) =>
      list.findIndex((each) => each.name === name) === index
        ? []
        : [
            {
              in: where,
              index,
              words: { code: 'name-repeated', message: `${name} stands here a second time`, fix: 'keep one' },
            },
          ],
    );
  const known = new Set(metrics.map(({ name }) => name));
  const strange = pairs.flatMap(({ name }, index) =>
    known.has(name)
      ? []
      : [
          {
            in: 'pairs' as const,
            index,
            words: {
              code: 'name-unknown',
              message: `no metric of the configuration is called ${name}`,
              fix: 'add the metric, or take the pair out',
            },
          },
        ],
  );
  return [...twice('config', metrics), ...twice('pairs', pairs), ...strange];
}
