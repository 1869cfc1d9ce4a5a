import { hypergeometricUpperTail } from '../binomial';
import type { MetricSettings } from './schema';
import { effectSize, numbersOf, withoutOutliers } from './samples';
import { shiftOf, type Shift } from './shift';

/** The classes of the published judge, and `Inconclusive`, which it does not know. */
export type ClassicClass = 'Pass' | 'High' | 'Low' | 'Nodata' | 'NodataFailMetric' | 'Inconclusive';

/** Points in the order of time; undefined where there is no number. */
export type Pair = {
  readonly canary: readonly (number | undefined)[];
  readonly baseline: readonly (number | undefined)[];
};

export type JudgeSettings = {
  /** Of the interval of the shift, 0 to 1. */
  readonly confidence: number;
  /** The part of the estimated shift that the interval must lie beyond. */
  readonly tolerance: number;
  /** Every class as the published judge gives it, with its known false passes. */
  readonly asPublished: boolean;
};

export type Classified = {
  readonly class: ClassicClass;
  readonly reason: string;
  /** A bad class of a critical metric whose effect is beyond its critical size. */
  readonly isCritical: boolean;
  /** What was compared: after cleaning. */
  readonly canary: readonly number[];
  readonly baseline: readonly number[];
  readonly shift?: Shift;
  /** Undefined where it cannot be computed. */
  readonly effect?: number | undefined;
};

const isEmpty = (points: Pair['canary']): boolean => points.every((point) => point === undefined);

function clean(points: Pair['canary'], { nanStrategy, outliers }: MetricSettings): readonly number[] {
  const numbers = numbersOf(points, nanStrategy);
  return outliers.strategy === 'remove' ? withoutOutliers(numbers, outliers.outlierFactor) : numbers;
}

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

function isSame(one: readonly number[], other: readonly number[]): boolean {
  const [a, b] = [sorted(one), sorted(other)];
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

const isOneValue = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

function withoutData(pair: Pair, settings: MetricSettings, { asPublished }: JudgeSettings): Classified {
  const [canary, baseline] = [clean(pair.canary, settings), clean(pair.baseline, settings)];
  const who = canary.length === 0 || isEmpty(pair.canary) ? 'the canary' : 'the baseline';
  const common = { canary, baseline, isCritical: settings.critical };
  if (settings.nanStrategy === 'replace' && asPublished)
    return { ...common, class: 'Pass', isCritical: false, reason: `${who} has no points, which passes as published` };
  const reason = `${who} has no number to compare`;
  return settings.mustHaveData && !settings.critical
    ? { ...common, class: 'NodataFailMetric', reason: `${reason}, and the metric must have data` }
    : { ...common, class: 'Nodata', reason };
}

/** A baseline that is 0 throughout has no spread to shift: then only how many points of the canary are above 0 tells. */
function aboveZero(
  canary: readonly number[],
  baseline: readonly number[],
  confidence: number,
): Pick<Classified, 'class' | 'reason'> {
  const above = canary.filter((value) => value > 0).length;
  const population = canary.length + baseline.length;
  const chance = hypergeometricUpperTail({ successes: above, drawn: canary.length, marked: above, population });
  const seen = `the baseline is 0 throughout and ${above} of ${canary.length} points of the canary are above it`;
  const told = `chance ${Number(chance.toPrecision(2))}, limit ${Number((1 - confidence).toPrecision(2))}`;
  return chance <= 1 - confidence
    ? { class: 'High', reason: `${seen} (${told})` }
    : { class: 'Inconclusive', reason: `${seen}, which may be chance (${told})` };
}

function compare(
  canary: readonly number[],
  baseline: readonly number[],
  settings: MetricSettings,
  judge: JudgeSettings,
): Omit<Classified, 'isCritical'> {
  const { direction, effectSize: sizes } = settings;
  const shift = shiftOf(canary, baseline, judge.confidence);
  const effect = effectSize(sizes.measure, canary, baseline);
  const band = judge.tolerance * Math.abs(shift.estimate);
  const isUp = direction !== 'decrease' && (effect === undefined || effect >= sizes.allowedIncrease);
  const isDown = direction !== 'increase' && (effect === undefined || effect <= sizes.allowedDecrease);
  const common = { canary, baseline, shift, effect };
  if (isUp && shift.low > band)
    return { ...common, class: 'High', reason: 'the whole interval of the shift is above its tolerance' };
  if (isDown && shift.high < -band)
    return { ...common, class: 'Low', reason: 'the whole interval of the shift is below its tolerance' };
  const isFromZero = baseline.every((value) => value === 0) && canary.some((value) => value > 0);
  if (!judge.asPublished && isUp && isFromZero) return { ...common, ...aboveZero(canary, baseline, judge.confidence) };
  return { ...common, class: 'Pass', reason: 'the interval of the shift reaches into its tolerance' };
}

function isCritical({ class: found, effect }: Omit<Classified, 'isCritical'>, settings: MetricSettings): boolean {
  if (!settings.critical) return false;
  const { criticalIncrease, criticalDecrease } = settings.effectSize;
  if (found === 'High') return effect === undefined || effect >= criticalIncrease;
  return found === 'Low' && (effect === undefined || effect <= criticalDecrease);
}

/** The class of one metric, as the published canary judge gives it for the same points, but for its known false passes. */
export function classify(pair: Pair, settings: MetricSettings, judge: JudgeSettings): Classified {
  const [canary, baseline] = [clean(pair.canary, settings), clean(pair.baseline, settings)];
  // A dead canary whose every point was replaced by 0 would look free of errors.
  const isDead = !judge.asPublished && isEmpty(pair.canary);
  if (canary.length === 0 || baseline.length === 0 || isDead) return withoutData(pair, settings, judge);
  const same = { canary, baseline, isCritical: false, class: 'Pass' } as const;
  if (isSame(canary, baseline)) return { ...same, reason: 'canary and baseline are identical' };
  if (isOneValue([...canary, ...baseline])) return { ...same, reason: 'all points of both are the same' };
  const found = compare(canary, baseline, settings, judge);
  return { ...found, isCritical: isCritical(found, settings) };
}
