import type { ValueLimit } from '../../descriptor/value-limit';
import type { Verdict } from '../types';
import type { Classed } from './classed';
import { leastPoints } from './points';
import type { ComparedRule } from './rule';
import type { ComparedState } from './state';

/** Fewer readings of a stage say nothing, however alike they are. */
const leastReadings = 5;

const shown = (value: number): string => String(Number(value.toPrecision(4)));

const boundOf = (limit: ValueLimit, baseline: number, side: 1 | -1): number =>
  limit.kind === 'margin' ? baseline + side * limit.by : baseline + (limit.factor - 1) * Math.abs(baseline);

type Judged = Pick<Verdict, 'value' | 'reason' | 'canary' | 'baseline' | 'limit'>;

function asClassic({ classed, points }: ComparedState, isBaked: boolean): Classed {
  if (classed !== undefined) return classed;
  if (!isBaked) return { value: 'inconclusive', reason: 'judged once, when the stage has baked' };
  return { value: 'inconclusive', reason: `${points?.pairs.length ?? 0} of ${leastPoints} readings needed` };
}

/**
 * What the readings of a stage say of a compared metric, before its evidence is weighed: a pass where the canary's mean is
 * within its limits, or the class of the classic judge once the stage has baked.
 */
export function judgeCompared(rule: ComparedRule, state: ComparedState | undefined, isBaked: boolean): Judged {
  const count = state?.stage.count ?? 0;
  if (state === undefined || count === 0)
    return { value: 'inconclusive', reason: `${rule.name}: no reading in this stage yet` };
  const [canary, baseline] = [state.stage.canary / count, state.stage.baseline / count];
  const [max, min] = [
    rule.max === undefined ? Infinity : boundOf(rule.max, baseline, 1),
    rule.min === undefined ? -Infinity : boundOf(rule.min, baseline, -1),
  ];
  const limit = max === Infinity || (min !== -Infinity && canary < baseline) ? min : max;
  const bounds = [
    ...(max === Infinity ? [] : [`at most ${shown(max)}`]),
    ...(min === -Infinity ? [] : [`at least ${shown(min)}`]),
  ];
  const seen = `${rule.name}: canary ${shown(canary)}, baseline ${shown(baseline)}, ${bounds.join(' and ')}`;
  const measured = { canary, baseline, limit };
  if (rule.method === 'mann-whitney') {
    const { value, reason } = asClassic(state, isBaked);
    return { ...measured, value, reason: `${seen}; ${reason}` };
  }
  if (count < leastReadings)
    return { ...measured, value: 'inconclusive', reason: `${seen}; ${count} of ${leastReadings} readings needed` };
  return canary > max || canary < min
    ? { ...measured, value: 'inconclusive', reason: `${seen}; beyond the limit, but it may be chance` }
    : { ...measured, value: 'pass', reason: seen };
}
