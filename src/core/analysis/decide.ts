import { formatDuration } from '../duration';
import type { Decision, Verdict } from './types';

export type DecideInput = {
  readonly verdicts: readonly Verdict[];
  readonly bakedMs: number;
  readonly bakeMs: number;
  /** How long good data has been missing, 0 when it is not. */
  readonly missingForMs: number;
  readonly noData: { readonly holdForMs: number; readonly then: 'roll-back' | 'hold' };
  /** How long the canary has been taken from the users at the proxy itself, 0 when it is not. */
  readonly takenOutForMs: number;
  /** How the baseline shows that it does not answer; undefined while it does. */
  readonly baselineSilence?: string | undefined;
  /** Why the baseline could not take all of its users back; undefined while it could. */
  readonly baselineGap?: string | undefined;
  /** How long, after the bake, the evidence has not sufficed. */
  readonly inconclusiveForMs: number;
};

/** A split that is on its way somewhere else is no decision of a person. */
const leastTakenOutMs = 500;

/** What to do with a stage, worst news first. Only passes of every metric after the whole bake advance it. */
export function decide(input: DecideInput): Decision {
  const { verdicts, bakedMs, bakeMs } = input;
  const failedGuardrail = verdicts.find(({ value, guardrail }) => value === 'fail' && guardrail);
  if (failedGuardrail !== undefined) {
    return { action: 'roll-back', reason: failedGuardrail.reason, metric: failedGuardrail.metric };
  }
  // No deadline: turning back would lead everybody to a baseline that serves nobody.
  if (input.baselineSilence !== undefined)
    return { action: 'hold', why: 'baseline-silent', reason: `the baseline does not answer: ${input.baselineSilence}` };
  if (input.takenOutForMs > leastTakenOutMs) return waitForReturn(input.takenOutForMs, input.noData);
  const missing = verdicts.filter(({ missing }) => missing !== undefined);
  if (missing.length > 0) return waitFor(missing, 'no-data', input.missingForMs, input.noData);
  // Before the bake is over: whoever runs the baseline should hear of it while there is time.
  if (input.baselineGap !== undefined) {
    const reason = `the baseline could not take its users back: it ${input.baselineGap}`;
    return { action: 'hold', why: 'baseline-capacity', reason };
  }

  const failed = verdicts.filter(({ value }) => value === 'fail');
  if (failed.length > 0) return { action: 'hold', why: 'evidence', reason: reasons(failed) };
  if (verdicts.length === 0) {
    return { action: 'hold', why: 'evidence', reason: 'no metric was judged, and no evidence is not good evidence' };
  }
  if (bakedMs < bakeMs) {
    const reason = `baked ${formatDuration(bakedMs)} of ${formatDuration(bakeMs)}`;
    return { action: 'hold', why: 'baking', reason };
  }
  const open = verdicts.filter(({ value }) => value !== 'pass');
  if (open.length > 0) return waitFor(open, 'evidence', input.inconclusiveForMs, input.noData);
  return { action: 'advance', reason: reasons(verdicts) };
}

/** Whoever took the canary out of service meant it: it is not put back, and no evidence comes meanwhile. */
function waitForReturn(waitedMs: number, noData: DecideInput['noData']): Decision {
  const text = 'somebody took the canary out of service at the proxy, so it gets no users';
  const waited = `waited ${formatDuration(waitedMs)} of ${formatDuration(noData.holdForMs)}`;
  if (waitedMs < noData.holdForMs) return { action: 'hold', why: 'taken-out', reason: `${text}; ${waited}` };
  return noData.then === 'hold'
    ? { action: 'hold', why: 'taken-out', reason: `${text}; ${waited}, held until a person decides` }
    : { action: 'roll-back', reason: `${text}; ${waited}, and the plan says roll back then` };
}

/** A metric that is no guardrail cannot stop a release alone, so its silence holds and never rolls back. */
function waitFor(
  verdicts: readonly Verdict[],
  why: 'evidence' | 'no-data',
  waitedMs: number,
  noData: DecideInput['noData'],
): Decision {
  const [worst] = [...verdicts].sort((a, b) => Number(b.guardrail) - Number(a.guardrail));
  const text = reasons(verdicts);
  const waited = `waited ${formatDuration(waitedMs)} of ${formatDuration(noData.holdForMs)}`;
  if (waitedMs < noData.holdForMs) return { action: 'hold', why, reason: `${text}; ${waited}` };
  if (noData.then === 'hold' || worst?.guardrail !== true) {
    return { action: 'hold', why, reason: `${text}; ${waited}, held until a person decides` };
  }
  return { action: 'roll-back', metric: worst.metric, reason: `${text}; ${waited}, and the plan says roll back then` };
}

const reasons = (verdicts: readonly Verdict[]): string => verdicts.map(({ reason }) => reason).join('; ');
