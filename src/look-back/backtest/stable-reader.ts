import { readSlot, type PrometheusRule } from '../../activities/observe/prometheus-readings';
import type { Counts, Reading, Tally } from '../../core/analysis/types';
import type { ComparedRule } from '../../core/analysis/compared/rule';
import type { Slot } from '../../core/plan/effects';
import { belongsTo, canariesOf, deal, type Arms } from './arms';
import type { PastMetrics } from './history-port';
import { narrowQuery } from './narrow-query';

type Progress = { readonly tally: Tally; readonly sinceMs: number };

const none: Counts = { total: 0, bad: 0 };

const add = (a: Counts, b: Counts): Counts => ({ total: a.total + b.total, bad: a.bad + b.bad });

export type StableReader = {
  /** Every metric at the clock's moment, the stable version in both arms. */
  read(canaryPercent: number): Promise<{ readonly [metric: string]: Reading }>;
};

/** Reads the stable version as if it had been canary and baseline at once. */
export function createStableReader(
  past: PastMetrics,
  given: {
    readonly rules: readonly PrometheusRule[];
    readonly slot: Slot;
    readonly arms: Arms;
    readonly startMs: number;
  },
): StableReader {
  const { rules, slot, arms, startMs } = given;
  const progress = new Map<string, Progress>();
  const everybody = past.portOf(() => true);

  type Grown = { readonly grown: Tally; readonly untilMs: number };

  async function pairOf(rule: ComparedRule, percent: number): Promise<Reading> {
    if (arms.kind === 'dealt') throw new Error(`${rule.name} cannot be dealt to two arms`);
    const { label, instances } = arms;
    const canaries = canariesOf(arms, percent);
    const valueOf = (isCanary: boolean) => {
      const names = instances.filter((name) => canaries.has(name) === isCanary);
      return readSlot(everybody, { ...rule, query: narrowQuery(rule.query, { label, names }) }, slot, startMs);
    };
    const [{ reading: canary }, { reading: baseline }] = await Promise.all([valueOf(true), valueOf(false)]);
    if (canary.kind === 'missing') return canary;
    if (baseline.kind === 'missing') return baseline;
    if (canary.kind !== 'value' || baseline.kind !== 'value') throw new Error(`${rule.name} gave counts for a value`);
    return { kind: 'pair', canary: canary.value, baseline: baseline.value };
  }

  async function growth(rule: PrometheusRule, sinceMs: number, percent: number): Promise<Grown | Reading> {
    if (arms.kind === 'dealt') {
      const { reading, untilMs } = await readSlot(everybody, rule, slot, sinceMs);
      if (reading.kind === 'missing') return reading;
      const whole = reading.kind === 'counts' ? { total: reading.requests, bad: reading.bad } : none;
      return { grown: deal(whole, percent, arms.random), untilMs };
    }
    const names = canariesOf(arms, percent);
    const [canary, baseline] = await Promise.all(
      [true, false].map((isIn) => readSlot(past.portOf(belongsTo(arms.label, names, isIn)), rule, slot, sinceMs)),
    );
    if (canary === undefined || baseline === undefined) throw new Error('two arms were read');
    for (const { reading } of [canary, baseline]) if (reading.kind === 'missing') return reading;
    const countsOf = ({ reading }: typeof canary): Counts =>
      reading.kind === 'counts' ? { total: reading.requests, bad: reading.bad } : none;
    return {
      grown: { canary: countsOf(canary), baseline: countsOf(baseline) },
      untilMs: Math.min(canary.untilMs, baseline.untilMs),
    };
  }

  async function readRule(rule: PrometheusRule, percent: number): Promise<Reading> {
    if (rule.kind === 'value') {
      const { reading } = await readSlot(everybody, rule, slot, startMs);
      if (reading.kind === 'value') return { kind: 'value', canary: reading.value };
      return reading.kind === 'missing' ? reading : { kind: 'missing', reason: 'error', detail: 'counts for a value' };
    }
    if (rule.kind === 'compared') return pairOf(rule, percent);
    const before = progress.get(rule.name) ?? { tally: { canary: none, baseline: none }, sinceMs: startMs };
    const found = await growth(rule, before.sinceMs, percent);
    if ('kind' in found) return found;
    const tally = {
      canary: add(before.tally.canary, found.grown.canary),
      baseline: add(before.tally.baseline, found.grown.baseline),
    };
    progress.set(rule.name, { tally, sinceMs: Math.max(before.sinceMs, found.untilMs) });
    return { kind: 'counts', ...tally };
  }

  return {
    async read(percent) {
      const found = await Promise.all(rules.map(async (rule) => [rule.name, await readRule(rule, percent)] as const));
      return Object.fromEntries(found);
    },
  };
}
