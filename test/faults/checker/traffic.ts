import type { Facts } from './facts';
import { shareOf, type Sample } from './sampler';

export const tolerance = 0.6;
/** Requests that were on their way to the canary when its share became nothing. */
const mostOnTheWay = 2;

const canaryShare = (sample: Sample): number => shareOf(sample, 'green');
const describe = ({ blue, green }: Sample): string =>
  `blue ${blue.weight}${blue.isMaint ? ' maint' : ''}, green ${green.weight}${green.isMaint ? ' maint' : ''}`;

/** When the way back began, by the server's record: a proxy that dies closes the canary too, and is repaired before that. */
export const wayBackAtMs = (history: Facts['history']): number | undefined =>
  history.find(
    ({ type, activity }) =>
      type === 'ACTIVITY_TASK_SCHEDULED' && (activity === 'closeTraffic' || activity === 'drainTraffic'),
  )?.atMs;

/** The first sample at which the canary has nothing, after the release began to go back. */
const closedAt = ({ story, history, samples }: Facts): number => {
  if (story.turnedAtMs === undefined) return -1;
  const backAtMs = wayBackAtMs(history) ?? story.turnedAtMs;
  // A drain keeps the sessions of a canary that nobody new reaches; it is closed when those are over too.
  const isClosed = (sample: Sample): boolean =>
    canaryShare(sample) === 0 && (story.drain === undefined || sample.green.isMaint);
  return samples.findIndex((sample) => sample.atMs >= backAtMs && isClosed(sample));
};

function brokenRest({ story, rest }: Facts): readonly string[] {
  const [serving, idle] = story.expected === 'Promoted' ? [rest.green, rest.blue] : [rest.blue, rest.green];
  const isRight = serving.weight > 0 && !serving.isMaint && idle.weight === 0 && idle.isMaint;
  return isRight ? [] : [`traffic rests at ${describe(rest)}`];
}

/**
 * Whether a share lies between those before and after it. HAProxy drops the rest of a line of commands whose asker has gone
 * away, as one does that gets no answer from a HAProxy that stands still; until the asker comes again half of it holds.
 */
const isHalfOfAChange = (samples: readonly Sample[], at: number, isOdd: (sample: Sample) => boolean): boolean => {
  const sample = samples[at];
  const before = samples.slice(0, at).findLast((other) => !isOdd(other));
  const after = samples.slice(at).find((other) => !isOdd(other));
  if (sample === undefined || before === undefined || after === undefined) return false;
  const [low = 0, high = 0] = [canaryShare(before), canaryShare(after)].sort((a, b) => a - b);
  return low <= canaryShare(sample) && canaryShare(sample) <= high;
};

/** I1: shares are those of the plan, at rest one slot serves, and a failure closes the canary in time. */
export function brokenWeights(facts: Facts): readonly string[] {
  const { story, samples } = facts;
  const allowed = [0, 100, ...story.shares];
  const isOdd = (sample: Sample): boolean =>
    sample.blue.weight + sample.green.weight === 0 ||
    !allowed.some((share) => Math.abs(canaryShare(sample) - share) <= tolerance);
  // One odd sample may lie between two commands of one change; a second one says that it stayed so.
  const odd = samples.filter(
    (sample, index) =>
      isOdd(sample) &&
      index > 0 &&
      isOdd(samples[index - 1] ?? sample) &&
      !(story.mayHalve === true && isHalfOfAChange(samples, index, isOdd)),
  );
  const closed = samples[closedAt(facts)];
  const isExposed = samples.some((sample) => canaryShare(sample) > 0);
  const tookMs = (closed?.atMs ?? Infinity) - (story.turnedAtMs ?? 0);
  const isLate = story.turnedAtMs !== undefined && isExposed && tookMs > story.boundMs;
  return [
    ...odd.slice(0, 3).map((sample) => `a share that no plan names: ${describe(sample)}`),
    ...(isLate ? [`the canary was exposed ${tookMs} ms after the failure, bound ${story.boundMs} ms`] : []),
    ...brokenRest(facts),
  ];
}

/** I2: never above what was approved; once closed on the way back, closed for good, by the proxy's own counters too. */
export function brokenExposure(facts: Facts): readonly string[] {
  const { story, samples } = facts;
  const approvedAtMs = story.gateApprovedAtMs ?? Infinity;
  const above = samples.filter(
    (sample) => sample.atMs < approvedAtMs && canaryShare(sample) > story.highestBeforeGate + tolerance,
  );
  const index = closedAt(facts);
  const after = index === -1 ? [] : samples.slice(index);
  const risen = after.filter((sample) => canaryShare(sample) > 0);
  // A proxy that was started again counts from nothing.
  const counted = after.reduce(
    ({ sum, last }, { green }) => ({
      sum: sum + Math.max(0, green.sessions - last),
      last: green.sessions,
    }),
    { sum: 0, last: after[0]?.green.sessions ?? 0 },
  ).sum;
  return [
    ...above.slice(0, 3).map((sample) => `${canaryShare(sample)} % before anybody approved: ${describe(sample)}`),
    ...risen.slice(0, 3).map((sample) => `exposed again on the way back: ${describe(sample)}`),
    ...(counted > mostOnTheWay ? [`the proxy sent ${counted} requests to the canary after it was closed`] : []),
  ];
}
