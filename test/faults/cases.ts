import { seededRandom } from '../../src/core/seeded-random';
import type { Strike } from './moments';
import { longAbsences, partCases, type Absent, type PartAt } from './part-cases';
import { backwardPoints, endings, pointsOf, type Ending } from './points';
import { pick } from './random';
import { recoveries } from './recovery-cases';

/** Where a run is terminated; the last of them in the recovery before it. */
export type CutAt = 'migrating' | 'exposed' | 'gate' | 'backward' | 'recovering';

/** One release with faults in it; everything in it follows from the seed and its number. */
export type FaultCase = {
  readonly seed: number;
  readonly number: number;
  /** Which changes it releases; those of the kill matrix when left out. */
  readonly world?: 'widen';
  readonly kind: 'kill' | 'freeze' | 'double-kill' | 'second-worker' | 'race' | 'part' | 'recover' | 'moment';
  /** `lease-lost`: nobody renews the lease of an exposed canary any more. */
  readonly ending: Ending | 'recovered' | 'aborted-full' | 'lease-lost';
  /** Where the worker dies, one after the other; of a recovery, while it brings the release back. */
  readonly points: readonly string[];
  readonly part?: Absent;
  /** Whether the part stands still and goes on, instead of dying. */
  readonly isFrozen?: boolean;
  readonly partAt?: PartAt;
  /** Whether it stays away for longer than a lease lasts. */
  readonly isLong?: boolean;
  /** What dies at moments of the way, whatever runs then. */
  readonly strikes?: readonly Strike[];
  /** Where its runs are terminated, each to be recovered. */
  readonly cuts?: readonly CutAt[];
  /** Whether the terminated run is deleted from Temporal too. */
  readonly isForgotten?: boolean;
  /** How long the dead are left dead, in milliseconds. */
  readonly downMs: number;
  /** How long after its moment a fault comes, in milliseconds. */
  readonly delayMs: number;
};

/** A case before it has its number and its times. */
export type Draft = Omit<FaultCase, 'seed' | 'number' | 'downMs' | 'delayMs'>;

const backwardEndings = ['breach', 'aborted', 'expired'] as const;

const kills = (): readonly Draft[] =>
  endings.flatMap((ending) => pointsOf(ending).map((point) => ({ kind: 'kill', ending, points: [point] }) as const));

// A frozen worker must be past its point and not before a result that only it could bring. What both endings pass is
// frozen for one of them, before an effect on the way to the one and after it on the way to the other, by turns.
const freezes = (): readonly Draft[] => {
  const endings = ['promoted', 'breach'] as const;
  const frozen = (ending: Ending) => pointsOf(ending).filter((point) => !point.endsWith('K3'));
  const shared = frozen('promoted').filter((point) => frozen('breach').includes(point));
  return endings.flatMap((ending, turn) =>
    frozen(ending)
      .filter((point) => !shared.includes(point) || (Math.ceil(shared.indexOf(point) / 2) + turn) % 2 === 0)
      .map((point) => ({ kind: 'freeze', ending, points: [`${point}:freeze`] }) as const),
  );
};

/** Between two steps down: once, twice, and by a worker that wakes up when another has led users further down. */
const drains: readonly Draft[] = [
  { kind: 'kill', ending: 'drained', points: ['drainTraffic:+200'] },
  { kind: 'kill', ending: 'drained', points: ['drainTraffic:+500'] },
  { kind: 'double-kill', ending: 'drained', points: ['drainTraffic:+100', 'drainTraffic#2:+300'] },
  { kind: 'freeze', ending: 'drained', points: ['drainTraffic:+200:freeze'] },
  { kind: 'second-worker', ending: 'drained', points: ['drainTraffic:+300'] },
];

const races: readonly Draft[] = [
  { kind: 'race', ending: 'aborted', points: [] },
  { kind: 'race', ending: 'aborted', points: ['approve:message'] },
  { kind: 'race', ending: 'aborted', points: ['abort:message'] },
  { kind: 'kill', ending: 'aborted', points: ['abort:message'] },
  { kind: 'kill', ending: 'promoted', points: ['approve:message'] },
];

function doubleKills(random: () => number, count: number): readonly Draft[] {
  return Array.from({ length: count }, () => {
    const ending = pick(random, backwardEndings);
    const [first, second] = [pick(random, pointsOf(ending)), pick(random, backwardPoints)];
    return { kind: 'double-kill', ending, points: [first, second] } as const;
  });
}

const secondWorkers = (random: () => number): readonly Draft[] =>
  Array.from({ length: 10 }, () => {
    const ending = pick(random, endings);
    const point = pick(
      random,
      pointsOf(ending).filter((each) => !each.endsWith('K3')),
    );
    return { kind: 'second-worker', ending, points: [point] } as const;
  });

/** Five seconds longer than a lease lasts, so that its end is seen while the part is still away. */
const longDownMs = 35_000;

function number(drafts: readonly Draft[], seed: number, from: number): readonly FaultCase[] {
  return drafts.map((draft, index) => {
    const random = seededRandom(seed * 7_919 + from + index);
    return {
      ...draft,
      seed,
      number: from + index,
      downMs: Math.floor(random() * 400) + (draft.isLong === true ? longDownMs : 0),
      delayMs: Math.floor(random() * 120),
    };
  });
}

const matrixSize = 500;

/** The matrix of a seed: every kill point of every ending, and the other kinds of fault up to 500 cases. */
export function matrixOf(seed: number): readonly FaultCase[] {
  const random = seededRandom(seed);
  const fixed = [
    ...kills(),
    ...freezes(),
    ...drains,
    ...races,
    ...partCases,
    ...longAbsences,
    ...secondWorkers(random),
  ];
  const rest = Math.max(0, matrixSize - fixed.length - recoveries.length);
  return number([...fixed, ...doubleKills(random, rest), ...recoveries], seed, 0);
}

/** Cases beyond the matrix, drawn at random. */
export function randomCases(seed: number, count: number): readonly FaultCase[] {
  const first = matrixOf(seed).length;
  const random = seededRandom(seed ^ 0x5eed);
  const others = [...freezes(), ...drains, ...secondWorkers(random), ...recoveries];
  const drafts = Array.from({ length: count }, (): Draft => {
    const dice = random();
    if (dice < 0.15) return pick(random, partCases);
    if (dice < 0.2) return pick(random, races);
    if (dice < 0.4) return pick(random, others);
    if (dice < 0.7) return { kind: 'double-kill', ...drawTwo(random) };
    const ending = pick(random, endings);
    return { kind: 'kill', ending, points: [pick(random, pointsOf(ending))] };
  });
  return number(drafts, seed, first);
}

function drawTwo(random: () => number): Pick<Draft, 'ending' | 'points'> {
  const ending = pick(random, backwardEndings);
  return { ending, points: [pick(random, pointsOf(ending)), pick(random, backwardPoints)] };
}
