import type { FaultCase } from './cases';
import type { Facts, Story } from './checker/facts';
import { causes } from './checker/invariants';
import { wayBackAtMs } from './checker/traffic';
import type { Driven } from './drive';
import type { Lane } from './lane';

const slackMs = 20_000;

const expectations = {
  promoted: { expected: 'Promoted' },
  contracted: { expected: 'Promoted' },
  breach: { expected: 'RolledBack', cause: 'GuardrailBroken' },
  aborted: { expected: 'Aborted', cause: 'Aborted' },
  expired: { expected: 'RolledBack', cause: 'GateExpired' },
  drained: { expected: 'Aborted', cause: 'Aborted' },
  'aborted-full': { expected: 'Aborted', cause: 'Aborted' },
  recovered: { expected: 'RolledBack', cause: 'Recovered' },
  'lease-lost': { expected: 'RolledBack', cause: 'LeaseExpired' },
} as const;

/** The policy's own. */
const leaseMs = 30_000;
/** Looks of a sentinel or a worker, and what a busy machine adds; shorter than a part stays away beyond a lease. */
const closingMs = 4_000;

/** Half the users of the canary at each step, from the 50 % at which the matrix aborts. */
const stepsDown = [25, 13, 7, 4, 2, 1];

/** A proxy that dies starts with the canary closed, and a look at a drain may miss most of its steps, though not all. */
const leastSeenOf = ({ part }: FaultCase): number => (part === 'haproxy' ? 0 : 2);

/** What is asked of the canary while a part is away for long. */
function absenceOf({ isLong, ending, part }: FaultCase, { away }: Driven): Pick<Story, 'silence' | 'blindness'> {
  if (isLong !== true) return {};
  if (away === undefined) throw new Error('nothing was away');
  if (ending === 'lease-lost') return { silence: { ...away, closedByMs: away.fromMs + leaseMs + closingMs } };
  return part === 'prometheus' ? { blindness: away } : {};
}

/** What is asked of the release of a case, and what must come of it. */
export const storyOf = (fault: FaultCase, lane: Lane, driven: Driven, freezeMs: number): Story => {
  const { ledger, marks, countsFills } = lane.world;
  const isContracted = fault.ending === 'contracted';
  const deadMs = fault.downMs + (fault.kind === 'freeze' || fault.isFrozen === true ? freezeMs : 0);
  return {
    version: driven.version,
    ...expectations[fault.ending],
    isContracted,
    parts: isContracted ? [...ledger.promoted, ...ledger.contracted] : ledger.promoted,
    marks: isContracted ? [...marks.promoted, ...marks.contracted] : marks.promoted,
    countsFills,
    ...(driven.gateApprovedAtMs === undefined ? {} : { gateApprovedAtMs: driven.gateApprovedAtMs }),
    ...(driven.turnedAtMs === undefined ? {} : { turnedAtMs: driven.turnedAtMs }),
    boundMs: slackMs + deadMs,
    ...absenceOf(fault, driven),
    shares: fault.ending === 'drained' ? [20, 50, 99, ...stepsDown] : [20, 50, 99],
    ...(fault.ending === 'drained' ? { drain: { steps: stepsDown, leastSeen: leastSeenOf(fault) } } : {}),
    ...(fault.part === 'haproxy' && fault.isFrozen === true ? { mayHalve: true } : {}),
    highestBeforeGate: 50,
    acceptedApprovals: driven.acceptedApprovals,
    // The second of two points may lie behind the end of the release.
    points: fault.points.slice(0, 1),
    fired: lane.fired().map(({ line }) => line),
  };
};

/**
 * A proxy that starts again begins with the canary out of service. A release that wants to expose it right then cannot tell
 * that from an operator's hand and turns back: safe, said plainly, and so the other ending that such a case may have.
 */
const slotOutOfService = ({ part }: FaultCase): boolean => part === 'haproxy';

/** Whatever stands still for as long as a lease lasts loses it, and then the canary must be closed. */
const leaseExpired = ({ kind, isFrozen }: FaultCase, freezeMs: number): boolean =>
  (kind === 'freeze' || isFrozen === true) && freezeMs >= leaseMs;

/** Other endings that a case may have: which cause people must then read. */
export function storyAfter(story: Story, fault: FaultCase, history: Facts['history'], freezeMs: number): Story {
  const ended = history.find(({ type }) => type === 'WORKFLOW_EXECUTION_FAILED')?.failure;
  if (story.expected !== 'Promoted' || ended?.type !== 'RolledBack') return story;
  const turnedAtMs = story.turnedAtMs ?? wayBackAtMs(history);
  const other = {
    ...story,
    expected: 'RolledBack',
    isContracted: false,
    ...(turnedAtMs === undefined ? {} : { turnedAtMs }),
  } as const;
  if (leaseExpired(fault, freezeMs) && causes.LeaseExpired.test(ended.message))
    return { ...other, cause: 'LeaseExpired' };
  return slotOutOfService(fault) ? { ...other, cause: 'SlotOutOfService' } : story;
}
