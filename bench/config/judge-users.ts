import type { Slot } from '../weights';
import { isOnCanary, ownShare, type Step, type User } from './assigned';

/**
 * A moment of a release: `2 × k` while the proxy is known to show step k, `2 × k + 1` from the order of step k + 1 until
 * it is read back.
 */
export type Moment = number;

/** One request, as its sender saw it. */
export type Answer = {
  readonly user: User;
  readonly sentIn: Moment;
  readonly answeredIn: Moment;
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly by: 'canary' | 'baseline' | 'unknown version' | 'nobody';
};

type Counted = { readonly answers: number; readonly wrong: number };

export type Judged = {
  readonly requests: number;
  readonly failed: number;
  /** Users who had at least one answer from a version that no step of the release gave them. */
  readonly changedUsers: number;
  readonly users: number;
  /** Answers from such a version. */
  readonly changedAnswers: number;
  /** Users outside the cohorts while cohorts alone were exposed; wrong is what did not come from the baseline. */
  readonly outside: Counted;
  /** Sent after the rollback was proved; wrong is what did not come from the baseline. */
  readonly after: Counted;
  /** Answers while one step stood, and the canary's among them. */
  readonly steps: readonly { readonly name: string; readonly answers: number; readonly canary: number }[];
};

type Judging = { readonly steps: readonly Step[]; readonly canary: Slot };

const isExposedAlone = (during: readonly Step[], user: User): boolean =>
  during.every((step) => step.isBack !== true && step.percent === 0 && ownShare(user, step) === undefined) &&
  during.some(({ members }) => Object.keys(members).length > 0);

/** Remembers who has reached the version that the release is on its way to: nobody may leave it before the release turns. */
function createArrivals() {
  const forward = new Map<User, number>();
  const back = new Map<User, number>();
  return {
    /** Whether this answer takes a user back who had arrived before it was sent. */
    isReturn({ user, by, sentMs, answeredMs }: Answer, isBack: boolean): boolean {
      const [arrived, aim] = isBack ? ([back, 'baseline'] as const) : ([forward, 'canary'] as const);
      const sinceMs = arrived.get(user);
      if (by !== aim) return sinceMs !== undefined && sinceMs < sentMs;
      if (sinceMs === undefined) arrived.set(user, answeredMs);
      return false;
    },
  };
}

/** Holds every answer, in the order they came, against what the hash of the identity says. */
export function judgeUsers(answers: Iterable<Answer>, { steps, canary }: Judging): Judged {
  const counts = { requests: 0, failed: 0, changedAnswers: 0 };
  const [users, changed] = [new Set<User>(), new Set<User>()];
  const [outside, after] = [
    { answers: 0, wrong: 0 },
    { answers: 0, wrong: 0 },
  ];
  const settled = steps.map(({ name }) => ({ name, answers: 0, canary: 0 }));
  const arrivals = createArrivals();
  for (const answer of answers) {
    const { user, sentIn, answeredIn, by } = answer;
    counts.requests += 1;
    if (by === 'nobody') {
      counts.failed += 1;
      continue;
    }
    users.add(user);
    const during = steps.slice(Math.floor(sentIn / 2), Math.ceil(answeredIn / 2) + 1);
    const wanted = during.map((step) => (isOnCanary(user, step, canary) ? 'canary' : 'baseline'));
    const isReturn = arrivals.isReturn(answer, during.at(-1)?.isBack === true);
    if (isReturn || !wanted.some((version) => version === by)) {
      changed.add(user);
      counts.changedAnswers += 1;
    }
    const wrong = by === 'baseline' ? 0 : 1;
    if (isExposedAlone(during, user)) add(outside, wrong);
    if (during.every(({ isBack }) => isBack === true)) add(after, wrong);
    const stood = during.length === 1 ? settled[sentIn / 2] : undefined;
    if (stood !== undefined) {
      stood.answers += 1;
      if (by === 'canary') stood.canary += 1;
    }
  }
  return { ...counts, changedUsers: changed.size, users: users.size, outside, after, steps: settled };
}

function add(to: { answers: number; wrong: number }, wrong: number): void {
  to.answers += 1;
  to.wrong += wrong;
}
