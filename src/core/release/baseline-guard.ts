import { bandLimit, isOutOfBand, percent, shareOf, type Answers } from './band';
import { judgeGuardrail, type BandRule, type GuardrailReading, type GuardrailReadings } from './guardrail-band';

/** How the baseline did before a backfill began to change rows. */
export type BaselineBefore = { readonly errors?: Answers; readonly readings: GuardrailReadings };

/** How it does now: answers counted at the proxy, where a guardrail is about them, and what the guardrails say. */
export type BaselineNow = {
  readonly errors?: Answers;
  readonly readings: GuardrailReadings;
  readonly watchedMs: number;
};

/** Nothing the guardrail asks for has ever been counted for the baseline, so that no backfill can make it worse. */
const isUnknownToBaseline = (before: GuardrailReading | undefined): boolean =>
  before?.kind === 'missing' && before.reason === 'empty';

/** What was read at first, completed by what could not be read then: while it could not, nothing was changed. */
export function completeBefore(before: BaselineBefore | undefined, now: BaselineNow): BaselineBefore {
  const errors = before?.errors ?? now.errors;
  const kept = Object.entries(before?.readings ?? {}).filter(
    ([, reading]) => reading.kind !== 'missing' || isUnknownToBaseline(reading),
  );
  return {
    ...(errors === undefined ? {} : { errors }),
    readings: { ...now.readings, ...Object.fromEntries(kept) },
  };
}

function whyErrors({ errors: before }: BaselineBefore, { errors: now }: BaselineNow): readonly string[] {
  if (now === undefined) return [];
  if (now.isDown === true) return ['the proxy finds the baseline down'];
  const limit = bandLimit(before ?? { requests: 0, bad: 0 });
  if (!isOutOfBand(now, limit)) return [];
  return [`the errors of the baseline are ${percent(shareOf(now))} of ${now.requests}, more than ${percent(limit)}`];
}

function whyGuardrail(rule: BandRule, before: BaselineBefore, { readings, watchedMs }: BaselineNow): readonly string[] {
  const [was, now] = [before.readings[rule.name], readings[rule.name]];
  if (isUnknownToBaseline(was)) return [];
  if (now === undefined) return [`guardrail ${rule.name} was not read`];
  // Nobody is served, so nobody is served badly.
  if (now.kind === 'counts' && now.requests === 0) return [];
  const judged = judgeGuardrail(rule, was, now, watchedMs);
  if ('why' in judged) return [`${judged.object} is not known: ${judged.why}`];
  return judged.isEqual ? [] : [`${judged.object} is ${judged.observed}, more than ${judged.expected}`];
}

/** Why a backfill has to rest for the sake of those who use the baseline; undefined when they are served as before. */
export function whyRestFor(rules: readonly BandRule[], before: BaselineBefore, now: BaselineNow): string | undefined {
  const whys = [...whyErrors(before, now), ...rules.flatMap((rule) => whyGuardrail(rule, before, now))];
  return whys.length === 0 ? undefined : whys.join(', and ');
}
