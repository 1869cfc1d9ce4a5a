import { formatDuration } from '../duration';

/** What the baseline answered in one part of the time it was watched. */
export type Answers = {
  readonly requests: number;
  readonly bad: number;
  /** The proxy's health checks found it down at the end, so nobody was sent there. */
  readonly isDown?: boolean;
};

/** How the baseline did after users returned: its answers part by part, and how long that was. */
export type Rebound = { readonly parts: readonly Answers[]; readonly watchedMs: number };

/** Most that the share of bad answers may be above the one in the snapshot. */
const bandShare = 0.02;
/** A part of few requests is out of band only when chance explains it badly: so many standard deviations. */
const chanceDeviations = 3;

export const shareOf = ({ requests, bad }: Answers): number => (requests === 0 ? 0 : bad / requests);
const sum = (parts: readonly Answers[]): Answers =>
  parts.reduce((all, { requests, bad }) => ({ requests: all.requests + requests, bad: all.bad + bad }), {
    requests: 0,
    bad: 0,
  });

/** Whether a part alone shows that the baseline is out of band; `limit` is a share. */
export function isOutOfBand({ requests, bad }: Answers, limit: number): boolean {
  const expected = limit * requests;
  return bad > expected + chanceDeviations * Math.sqrt(expected * (1 - limit));
}

/** A baseline that was sick before the release may be as sick as it was. */
export const bandLimit = (before: Answers): number => Math.min(1, shareOf(before) + bandShare);

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** Whether the baseline was in band the whole time, with its numbers. */
export function judgeRebound(
  before: Answers,
  { parts, watchedMs }: Rebound,
): { readonly expected: string; readonly observed: string; readonly isEqual: boolean } {
  const limit = bandLimit(before);
  const all = sum(parts);
  const worst = parts.find((part) => isOutOfBand(part, limit));
  const time = watchedMs === 0 ? '' : ` for ${formatDuration(watchedMs)}`;
  const expected = `at most ${percent(limit)}${time}`;
  if (parts.some(({ isDown }) => isDown === true))
    return { expected, observed: 'the baseline does not answer: the proxy finds it down', isEqual: false };
  if (all.requests === 0) return { expected, observed: 'no requests: nobody is served badly', isEqual: true };
  if (all.bad >= all.requests) {
    const observed = `the baseline does not answer: all of its ${all.requests} requests failed`;
    return { expected, observed, isEqual: shareOf(all) <= limit };
  }
  const whole = `${percent(shareOf(all))} of ${all.requests}`;
  return worst === undefined
    ? { expected, observed: whole, isEqual: shareOf(all) <= limit }
    : {
        expected,
        observed: `${whole}, and once ${percent(shareOf(worst))} of ${worst.requests}`,
        isEqual: false,
      };
}
