import type { MetricRule } from '../plan/plan';
import { isShareRule, type ShareRule } from '../plan/share-rule';
import { allowedShare, findBreach, shareOf, type Breach, type Comparison } from './guard';
import { defaultRisk, guardLevel, type RiskRule } from './risk';
import type { Counts, EngineState, MetricState, MissingReason, Verdict } from './types';
import { addCounts } from './windows';

export type JudgedStage = {
  /** The least requests an arm, in this stage, before a metric may pass. */
  readonly minRequests: number;
  readonly isFull: boolean;
  /** Share of requests the plan gives the canary: tells a holdback from none. */
  readonly canaryPercent?: number;
};

type ValueRule = Extract<MetricRule, { kind: 'value' }>;

const proxyStaleMs = 5_000;
const otherStaleMs = 60_000;
const valuesInARow = 3;
const recentMs = 30_000;

/** One verdict a rule, in the rules' order. The same state gives the same verdicts. */
export function judge(
  state: EngineState,
  rules: readonly MetricRule[],
  stage: JudgedStage,
  risk: RiskRule = defaultRisk,
): readonly Verdict[] {
  const guardrails = rules.filter((rule) => rule.guardrail && isShareRule(rule)).length;
  return rules.map((rule) => {
    const metric = state.metrics[rule.name];
    const nowMs = state.lastAtMs ?? 0;
    const gap = findGap(rule, metric, nowMs);
    const common = { metric: rule.name, guardrail: rule.guardrail, ...queryOf(rule) };
    if (metric === undefined || gap !== undefined) {
      const { missing, detail } = gap ?? { missing: 'empty', detail: 'nothing read yet' };
      return { ...common, value: 'inconclusive', missing, reason: `${rule.name}: no data, ${missing}: ${detail}` };
    }
    return {
      ...common,
      ...judgeRule(rule, metric, { stage, nowMs, level: guardLevel(metric.badLooks ?? 0, risk, guardrails) }),
    };
  });
}

/** What one metric's readings say; how compared values stand is for the evidence of the stage to say. */
function judgeRule(
  rule: MetricRule,
  metric: MetricState,
  { stage, nowMs, level }: { readonly stage: JudgedStage; readonly nowMs: number; readonly level: number },
): Judgement {
  if (rule.kind === 'value') return judgeValue(rule, metric);
  if (rule.kind !== 'compared') return judgeShare(rule, metric, stage, nowMs, level);
  return { value: 'inconclusive', reason: `${rule.name}: not compared yet`, ...metric.pair };
}

type Judgement = Pick<Verdict, 'value' | 'reason' | 'canary' | 'baseline' | 'limit'>;
type Gap = { readonly missing: MissingReason; readonly detail: string };

function findGap(rule: MetricRule, metric: MetricState | undefined, nowMs: number): Gap | undefined {
  if (metric === undefined) return { missing: 'empty', detail: 'nothing read yet' };
  if (metric.missing !== undefined) return { missing: metric.missing.reason, detail: metric.missing.detail };
  const ageMs = metric.lastGoodAtMs === undefined ? Infinity : nowMs - metric.lastGoodAtMs;
  const staleMs = rule.kind === 'proxy-errors' ? proxyStaleMs : otherStaleMs;
  if (ageMs > staleMs) return { missing: 'stale', detail: `last reading ${Math.round(ageMs / 1_000)} s old` };
  return undefined;
}

function queryOf(rule: MetricRule): { readonly query?: string } {
  switch (rule.kind) {
    case 'proxy-errors':
      return {};
    case 'ratio':
      return { query: `${rule.bad} / ${rule.total}` };
    case 'histogram':
      return { query: rule.series };
    case 'value':
    case 'compared':
      return { query: rule.query };
  }
}

/** One high reading may be noise, so a value fails when the last three all are. */
function judgeValue({ name, max, min }: ValueRule, { values }: MetricState): Judgement {
  const canary = values.at(-1);
  const last = values.slice(-valuesInARow);
  const isBeyond = (value: number): boolean => value > (max ?? Infinity) || value < (min ?? -Infinity);
  const beyond = last.filter(isBeyond).length;
  const isLow = max === undefined || (min !== undefined && canary !== undefined && canary < min);
  const limit = isLow ? min : max;
  const side = isLow ? 'below' : 'above';
  const measured = { ...(limit !== undefined && { limit }), ...(canary !== undefined && { canary }) };
  const seen = `${name}: ${canary ?? 'no value'}, limit ${limit}`;
  if (canary === undefined) return { ...measured, value: 'inconclusive', reason: seen };
  if (beyond === valuesInARow)
    return { ...measured, value: 'fail', reason: `${seen}, ${beyond} readings in a row ${side} it` };
  if (!isBeyond(canary)) return { ...measured, value: 'pass', reason: seen };
  return { ...measured, value: 'inconclusive', reason: `${seen}, ${side} it in ${beyond} of ${valuesInARow} readings` };
}

function judgeShare(rule: ShareRule, metric: MetricState, stage: JudgedStage, nowMs: number, level: number): Judgement {
  const comparison = comparisonOf(metric, stage, nowMs);
  const breach = findBreach(metric, { limit: rule.limit, comparison, nowMs, level });
  if (breach !== undefined) return failedShare(rule, breach, comparison);

  const { canary } = metric.stage;
  const reference = passReference(metric, stage, comparison);
  const limit = allowedShare(rule.limit, shareOf(reference));
  const measured = { canary: shareOf(canary), baseline: shareOf(reference), limit };
  const beside = comparison === 'frozen' ? 'baseline before full exposure' : 'baseline';
  const seen = `${rule.name}: canary ${counted(canary)}, ${beside} ${counted(reference)}, limit ${percent(limit)}`;
  const lack = lackOf({ rule, canary, reference, stage, comparison });
  if (lack !== undefined) return { ...measured, value: 'inconclusive', reason: `${seen}; ${lack}` };
  if (shareOf(canary) <= limit) return { ...measured, value: 'pass', reason: seen };
  return { ...measured, value: 'inconclusive', reason: `${seen}; above the limit, but it may be chance` };
}

function comparisonOf(metric: MetricState, { isFull, canaryPercent }: JudgedStage, nowMs: number): Comparison {
  if (!isFull) return 'baseline';
  const hasHoldback =
    canaryPercent === undefined
      ? metric.slices.some((slice) => slice[0] > nowMs - recentMs && slice[1] > 0)
      : canaryPercent < 100;
  if (!hasHoldback) return 'frozen';
  const { baseline, canary } = metric.stage;
  const isSmall =
    canaryPercent === undefined ? baseline.total < 0.1 * (baseline.total + canary.total) : canaryPercent > 90;
  return isSmall ? 'holdback' : 'baseline';
}

/** What the stage's canary is compared with: a holdback too small to say much is helped by the frozen rates. */
function passReference(metric: MetricState, { minRequests }: JudgedStage, comparison: Comparison): Counts {
  const { baseline } = metric.stage;
  const frozen = metric.frozen ?? { total: 0, bad: 0 };
  switch (comparison) {
    case 'baseline':
      return baseline;
    case 'holdback':
      return baseline.total >= minRequests ? baseline : addCounts(baseline, frozen);
    case 'frozen':
      return frozen;
  }
}

/** Why this much evidence cannot pass yet, or undefined when it may. */
function lackOf(evidence: {
  readonly rule: ShareRule;
  readonly canary: Counts;
  readonly reference: Counts;
  readonly stage: JudgedStage;
  readonly comparison: Comparison;
}): string | undefined {
  const { rule, canary, reference, stage, comparison } = evidence;
  const least = Math.max(1, stage.minRequests);
  if (canary.total < least) return `the canary had ${canary.total} of ${least} requests needed`;
  if (rule.limit.kind === 'absolute') return undefined;
  if (comparison === 'baseline' && reference.total < least) {
    return `the baseline had ${reference.total} of ${least} requests needed`;
  }
  return reference.total === 0 ? 'there is no baseline to compare with' : undefined;
}

function failedShare(rule: ShareRule, { tally, windowMs, limit }: Breach, comparison: Comparison): Judgement {
  const when = windowMs === undefined ? 'in this stage' : `in the last ${windowMs / 1_000} s`;
  const beside = comparison === 'frozen' ? 'no baseline beside it' : `baseline ${counted(tally.baseline)}`;
  return {
    value: 'fail',
    canary: shareOf(tally.canary),
    ...(comparison !== 'frozen' && { baseline: shareOf(tally.baseline) }),
    limit,
    reason: `${rule.name}: canary ${counted(tally.canary)} ${when}, ${beside}, limit ${percent(limit)}`,
  };
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
const counted = (counts: Counts): string =>
  `${percent(shareOf(counts))} of ${Math.round(Math.max(counts.total, counts.bad))} requests`;
