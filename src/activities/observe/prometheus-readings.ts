import type { Buckets, Counts, Reading } from '../../core/analysis/types';
import type { Slot, Slots } from '../../core/plan/effects';
import type { MetricRule } from '../../core/plan/plan';
import type { GuardrailReading } from '../../core/release/guardrail-band';
import type { MetricsPort } from '../../ports/metrics';
import { addBuckets, alignBuckets, hasBounds } from './bucket-growth';
import { histogramIncrements, type BucketGrowth, type HistogramIncrements } from './histogram-increments';

export type PrometheusRule = Exclude<MetricRule, { kind: 'proxy-errors' }>;

type Arm = { readonly counts: Counts; readonly sinceMs: number; readonly buckets?: BucketGrowth };
export type Progress = { readonly baseline: Arm; readonly canary: Arm };

export const startProgress = (nowMs: number): Progress => {
  const arm = { counts: { total: 0, bad: 0 }, sinceMs: nowMs };
  return { baseline: arm, canary: arm };
};

// Slot names are fixed words, so nothing of a descriptor's author can leave the quoted matcher.
const forSlot = (text: string, slot: Slot): string => text.replaceAll('$slot', slot);

async function increments(
  port: MetricsPort,
  rule: PrometheusRule,
  slot: Slot,
  sinceMs: number,
): Promise<HistogramIncrements> {
  if (rule.kind === 'histogram') return histogramIncrements(port, rule, forSlot(rule.series, slot), sinceMs);
  if (rule.kind === 'ratio') {
    const [total, bad] = await Promise.all([
      port.increase(forSlot(rule.total, slot), sinceMs),
      port.increase(forSlot(rule.bad, slot), sinceMs),
    ]);
    // A counter of errors appears with the first error: beside a present total, its absence is a true zero.
    const isNone = bad.kind === 'missing' && bad.reason === 'empty' && total.kind === 'number';
    return { total, bad: isNone ? { kind: 'number', value: 0, atMs: total.atMs } : bad };
  }
  throw new Error(`metric ${rule.name} has no counts`);
}

type ArmReading = { readonly arm: Arm } | { readonly missing: Extract<Reading, { kind: 'missing' }> };

async function readArm(port: MetricsPort, rule: PrometheusRule, slot: Slot, arm: Arm): Promise<ArmReading> {
  const { total, bad, buckets } = await increments(port, rule, slot, arm.sinceMs);
  for (const found of [total, bad])
    if (found.kind === 'missing') return { missing: { ...found, detail: `${slot}: ${found.detail}` } };
  if (total.kind === 'missing' || bad.kind === 'missing') throw new Error('unreachable: both arms were checked');
  return {
    arm: {
      counts: { total: arm.counts.total + Math.round(total.value), bad: arm.counts.bad + Math.round(bad.value) },
      sinceMs: Math.max(arm.sinceMs, Math.min(total.atMs, bad.atMs)),
      ...(buckets === undefined ? {} : { buckets: addBuckets(arm.buckets, buckets) }),
    },
  };
}

/** The buckets of both arms, where both have the same. */
function bucketsOf({ baseline, canary }: Progress): { readonly buckets?: Buckets } {
  if (baseline.buckets === undefined || canary.buckets === undefined) return {};
  const [one, other] = alignBuckets(baseline.buckets, canary.buckets);
  if (!hasBounds(one, other.le)) return {};
  return { buckets: { le: one.le, baseline: one.counts, canary: other.counts } };
}

export type SlotReading = { readonly reading: GuardrailReading; readonly untilMs: number };

/** What a metric says of one slot since then, and up to when; its newest sample may be older than now. */
export async function readSlot(
  port: MetricsPort,
  rule: PrometheusRule,
  slot: Slot,
  sinceMs: number,
): Promise<SlotReading> {
  if (rule.kind === 'value' || rule.kind === 'compared') {
    const found = await port.value(forSlot(rule.query, slot));
    return found.kind === 'missing'
      ? { reading: found, untilMs: -Infinity }
      : { reading: { kind: 'value', value: found.value }, untilMs: found.atMs };
  }
  const { total, bad } = await increments(port, rule, slot, sinceMs);
  if (total.kind === 'missing') return { reading: total, untilMs: -Infinity };
  if (bad.kind === 'missing') return { reading: bad, untilMs: -Infinity };
  const counts = { requests: Math.round(total.value), bad: Math.round(bad.value) };
  return { reading: { kind: 'counts', ...counts }, untilMs: Math.min(total.atMs, bad.atMs) };
}

/** The values of both versions at one moment. */
async function readPair(
  port: MetricsPort,
  { query }: Extract<PrometheusRule, { kind: 'compared' }>,
  roles: Slots,
): Promise<Reading> {
  const [canary, baseline] = await Promise.all(
    [roles.canary, roles.baseline].map((slot) => port.value(forSlot(query, slot))),
  );
  if (canary === undefined || baseline === undefined) throw new Error('two slots were asked');
  if (canary.kind === 'missing') return { ...canary, detail: `${roles.canary}: ${canary.detail}` };
  return {
    kind: 'pair',
    canary: canary.value,
    baseline:
      baseline.kind === 'number'
        ? baseline.value
        : { reason: baseline.reason, detail: `${roles.baseline}: ${baseline.detail}` },
  };
}

/** One reading of one Prometheus metric; missing evidence keeps the progress so that nothing is counted twice or lost. */
export async function readRule(
  port: MetricsPort,
  rule: PrometheusRule,
  roles: Slots,
  progress: Progress,
): Promise<{ readonly reading: Reading; readonly progress: Progress }> {
  if (rule.kind === 'value') {
    const found = await port.value(forSlot(rule.query, roles.canary));
    return { reading: found.kind === 'missing' ? found : { kind: 'value', canary: found.value }, progress };
  }
  if (rule.kind === 'compared') return { reading: await readPair(port, rule, roles), progress };
  const [baseline, canary] = await Promise.all([
    readArm(port, rule, roles.baseline, progress.baseline),
    readArm(port, rule, roles.canary, progress.canary),
  ]);
  if ('missing' in canary) return { reading: canary.missing, progress };
  if ('missing' in baseline) return { reading: baseline.missing, progress };
  const now = { baseline: baseline.arm, canary: canary.arm };
  return {
    reading: { kind: 'counts', baseline: now.baseline.counts, canary: now.canary.counts, ...bucketsOf(now) },
    progress: now,
  };
}
