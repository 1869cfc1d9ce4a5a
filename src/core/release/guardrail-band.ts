import { allowedShare } from '../analysis/guard';
import type { MissingReason } from '../analysis/types';
import { formatDuration } from '../duration';
import type { MetricRule } from '../plan/plan';
import { bandLimit, isOutOfBand, percent, shareOf } from './band';

/** What a guardrail said of the baseline over one stretch of time, or why it said nothing. */
export type GuardrailReading =
  | {
      readonly kind: 'counts';
      readonly requests: number;
      readonly bad: number;
      /** How much of the time the samples cover, where they do not cover all of it. */
      readonly seenMs?: number;
    }
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'missing'; readonly reason: MissingReason; readonly detail: string };

export type GuardrailReadings = { readonly [metric: string]: GuardrailReading };

export type BandRule = Exclude<MetricRule, { kind: 'proxy-errors' | 'compared' }>;

/** Guardrails whose queries can be asked of the baseline alone: those that say where the slot goes, and compare nothing. */
export const bandRules = (metrics: readonly MetricRule[]): readonly BandRule[] =>
  metrics.filter(
    (rule): rule is BandRule =>
      rule.guardrail &&
      rule.kind !== 'proxy-errors' &&
      rule.kind !== 'compared' &&
      (rule.kind !== 'value' || rule.query.includes('$slot')),
  );

/** What the guardrails said of the baseline in the time after users returned. */
export type GuardrailBand = {
  readonly rules: readonly BandRule[];
  readonly readings: GuardrailReadings;
  readonly watchedMs: number;
};

/** Something that the proof could not observe, and why: neither good nor bad. */
export type NotShown = { readonly object: string; readonly expected: string; readonly why: string };
type Shown = {
  readonly object: string;
  readonly expected: string;
  readonly observed: string;
  readonly isEqual: boolean;
};

/** Why a missing reading is missing, for who reads the proof. */
const whyNot = ({ target }: BandRule, { reason, detail }: Extract<GuardrailReading, { kind: 'missing' }>): string =>
  `could not be read: ${reason === 'unreachable' ? `${target} does not answer` : reason} (${detail})`;

const number = (value: number): string => String(Number(value.toPrecision(6)));

type Measured = { readonly limit: string; readonly observed: string; readonly isInBand: boolean };

/** As much as the release's own limit allows beside what was before, and never less than the band of the proxy's errors. */
function measure(
  rule: BandRule,
  before: GuardrailReading | undefined,
  now: Exclude<GuardrailReading, { kind: 'missing' }>,
): Measured {
  if (rule.kind === 'value' || now.kind === 'value') {
    const value = now.kind === 'value' ? now.value : Infinity;
    const was = before?.kind === 'value' ? before.value : undefined;
    const { max, min } = rule.kind === 'value' ? rule : { max: 0, min: undefined };
    const high = max === undefined ? Infinity : Math.max(max, was ?? max);
    const low = min === undefined ? -Infinity : Math.min(min, was ?? min);
    const limit =
      high === Infinity
        ? `at least ${number(low)}`
        : `at most ${number(high)}${low === -Infinity ? '' : ` and at least ${number(low)}`}`;
    return { limit, observed: number(value), isInBand: value <= high && value >= low };
  }
  const was = before?.kind === 'counts' ? before : { requests: 0, bad: 0 };
  const limit = Math.max(bandLimit(was), allowedShare(rule.limit, shareOf(was)));
  const seen = now.seenMs === undefined ? '' : ` in the first ${formatDuration(now.seenMs)}`;
  const observed = `${percent(shareOf(now))} of ${now.requests}${seen}`;
  return { limit: `at most ${percent(limit)}`, observed, isInBand: !isOutOfBand(now, limit) };
}

/**
 * Whether a guardrail of the baseline was in band. Missing data is never good data, and never bad: it is not shown. Without
 * a reading from before the release the limit is the strictest there is, so what keeps to it is in band, and nobody knows
 * whether the rest was as high before.
 */
export function judgeGuardrail(
  rule: BandRule,
  before: GuardrailReading | undefined,
  now: GuardrailReading,
  watchedMs: number,
): Shown | NotShown {
  const object = `guardrail ${rule.name} of the baseline`;
  const time = `${rule.kind === 'value' ? 'after' : 'for'} ${formatDuration(watchedMs)}`;
  if (now.kind === 'missing') return { object, expected: `in band ${time}`, why: whyNot(rule, now) };
  const { limit, observed, isInBand } = measure(rule, before, now);
  const expected = `${limit} ${time}`;
  if (now.kind === 'counts' && now.requests === 0) return { object, expected, why: 'it counted no requests' };
  const isKnown = before !== undefined && before.kind !== 'missing';
  return isInBand || isKnown
    ? { object, expected, observed, isEqual: isInBand }
    : { object, expected, why: `it is ${observed}, and what it was before the release could not be read` };
}

const notRead = { kind: 'missing', reason: 'error', detail: 'it was not asked' } as const;

/** Each guardrail as a line of the proof, or by name as one that could not be shown. */
export function judgeGuardrails(
  before: GuardrailReadings | undefined,
  { rules, readings, watchedMs }: GuardrailBand,
): { readonly lines: readonly Shown[]; readonly notShown: readonly NotShown[] } {
  const judged = rules.map((rule) =>
    judgeGuardrail(rule, before?.[rule.name], readings[rule.name] ?? notRead, watchedMs),
  );
  return {
    lines: judged.filter((one): one is Shown => 'isEqual' in one),
    notShown: judged.filter((one): one is NotShown => 'why' in one),
  };
}

/** Said wherever a proof is told to hold. */
export const notShownText = (notShown: readonly NotShown[] = []): string =>
  notShown.length === 0 ? '' : `; not shown: ${notShown.map(({ object, why }) => `${object}: ${why}`).join(', ')}`;
