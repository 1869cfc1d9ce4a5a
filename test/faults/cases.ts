import { seededRandom } from '../../src/core/seeded-random';
import type { Strike } from './moments';
import { backwardPoints, endings, pointsOf, recoveryPoints, type Ending } from './points';
import { pick, shuffle } from './random';

/** A part that is killed and started again, or frozen for a while, while a release runs. */
type Part = 'temporal' | 'postgres' | 'haproxy' | 'prometheus' | 'sentinel';

/** Where a run is terminated; the last of them in the recovery before it. */
export type CutAt = 'migrating' | 'exposed' | 'gate' | 'backward' | 'recovering';

/** One release with faults in it; everything in it follows from the seed and its number. */
export type FaultCase = {
  readonly seed: number;
  readonly number: number;
  /** Which changes it releases; those of the kill matrix when left out. */
  readonly world?: 'widen';
  readonly kind: 'kill' | 'freeze' | 'double-kill' | 'second-worker' | 'race' | 'part' | 'recover' | 'moment';
  readonly ending: Ending | 'recovered' | 'aborted-full';
  /** Where the worker dies, one after the other; of a recovery, while it brings the release back. */
  readonly points: readonly string[];
  readonly part?: Part;
  /** Whether the part stands still and goes on, instead of dying. */
  readonly isFrozen?: boolean;
  /** When the part dies: at a gate, while it rolls back, or somewhere on the way. */
  readonly partAt?: 'forward' | 'gate' | 'backward';
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

type Draft = Omit<FaultCase, 'seed' | 'number' | 'downMs' | 'delayMs'>;

const backwardEndings = ['breach', 'aborted', 'expired'] as const;

const kills = (): readonly Draft[] =>
  endings.flatMap((ending) => pointsOf(ending).map((point) => ({ kind: 'kill', ending, points: [point] }) as const));

// A frozen worker must be past its point and not before a result that only it could bring.
const freezes = (): readonly Draft[] =>
  (['promoted', 'breach'] as const).flatMap((ending) =>
    pointsOf(ending)
      .filter((point) => !point.endsWith('K3'))
      .map((point) => ({ kind: 'freeze', ending, points: [`${point}:freeze`] }) as const),
  );

const races: readonly Draft[] = [
  { kind: 'race', ending: 'aborted', points: [] },
  { kind: 'race', ending: 'aborted', points: ['approve:message'] },
  { kind: 'race', ending: 'aborted', points: ['abort:message'] },
  { kind: 'kill', ending: 'aborted', points: ['abort:message'] },
  { kind: 'kill', ending: 'promoted', points: ['approve:message'] },
];

const allParts = ['temporal', 'postgres', 'haproxy', 'prometheus', 'sentinel'] as const;

const partDeaths: readonly Draft[] = allParts.flatMap((part) =>
  (['promoted', 'breach', 'aborted', 'expired'] as const).flatMap((ending) =>
    (['forward', 'gate', ...(ending === 'promoted' ? [] : (['backward'] as const))] as const).map(
      (partAt) => ({ kind: 'part', ending, points: [], part, partAt }) as const,
    ),
  ),
);

const partFreezes: readonly Draft[] = allParts.flatMap((part) =>
  (['promoted', 'breach', 'aborted'] as const).map(
    (ending) =>
      ({
        kind: 'part',
        ending,
        points: [],
        part,
        partAt: ending === 'promoted' ? 'gate' : 'backward',
        isFrozen: true,
      }) as const,
  ),
);

const parts = [...partDeaths, ...partFreezes];

const recovery = (cuts: readonly CutAt[], isForgotten: boolean, points: readonly string[] = []): Draft => ({
  kind: 'recover',
  ending: 'recovered',
  points,
  cuts,
  isForgotten,
});

const recoveries: readonly Draft[] = [
  ...(['migrating', 'exposed', 'gate', 'backward'] as const).map((cut) => recovery([cut], false)),
  ...(['migrating', 'exposed', 'gate'] as const).map((cut) => recovery([cut], true)),
  recovery(['gate', 'recovering'], false),
  recovery(['gate', 'recovering'], true),
  ...recoveryPoints.map((point) => recovery(['gate'], false, [point])),
  ...['openRecovery:K2', 'undoMigration#2:K2'].map((point) => recovery(['gate'], true, [point])),
];

function doubleKills(random: () => number, count: number): readonly Draft[] {
  return Array.from({ length: count }, () => {
    const ending = pick(random, backwardEndings);
    const [first, second] = [pick(random, pointsOf(ending)), pick(random, backwardPoints)];
    return { kind: 'double-kill', ending, points: [first, second] } as const;
  });
}

const secondWorkers = (random: () => number): readonly Draft[] =>
  Array.from({ length: 20 }, () => {
    const ending = pick(random, endings);
    const point = pick(
      random,
      pointsOf(ending).filter((each) => !each.endsWith('K3')),
    );
    return { kind: 'second-worker', ending, points: [point] } as const;
  });

function number(drafts: readonly Draft[], seed: number, from: number): readonly FaultCase[] {
  return drafts.map((draft, index) => {
    const random = seededRandom(seed * 7_919 + from + index);
    return {
      ...draft,
      seed,
      number: from + index,
      downMs: Math.floor(random() * 400),
      delayMs: Math.floor(random() * 120),
    };
  });
}

const matrixSize = 500;

/** The matrix of a seed: every kill point of every ending, and the other kinds of fault up to 500 cases. */
export function matrixOf(seed: number): readonly FaultCase[] {
  const random = seededRandom(seed);
  const fixed = [...kills(), ...freezes(), ...races, ...parts, ...secondWorkers(random)];
  const rest = Math.max(0, matrixSize - fixed.length - recoveries.length);
  return number([...fixed, ...doubleKills(random, rest), ...recoveries], seed, 0);
}

/** Cases beyond the matrix, drawn at random. */
export function randomCases(seed: number, count: number): readonly FaultCase[] {
  const first = matrixOf(seed).length;
  const random = seededRandom(seed ^ 0x5eed);
  const drafts = Array.from({ length: count }, (): Draft => {
    const dice = random();
    if (dice < 0.15) return pick(random, parts);
    if (dice < 0.2) return pick(random, races);
    if (dice < 0.6) return { kind: 'double-kill', ...drawTwo(random) };
    const ending = pick(random, endings);
    return { kind: 'kill', ending, points: [pick(random, pointsOf(ending))] };
  });
  return number(drafts, seed, first);
}

function drawTwo(random: () => number): Pick<Draft, 'ending' | 'points'> {
  const ending = pick(random, backwardEndings);
  return { ending, points: [pick(random, pointsOf(ending)), pick(random, backwardPoints)] };
}

function grouped<T>(things: readonly T[], keyOf: (thing: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const thing of things) groups.set(keyOf(thing), [...(groups.get(keyOf(thing)) ?? []), thing]);
  return [...groups.values()];
}

/** `count` cases of the matrix: one of every kind of fault and of every part, then evenly over kinds and endings. */
export function sampleOf(matrix: readonly FaultCase[], count: number): readonly FaultCase[] {
  if (count >= matrix.length) return matrix;
  const mixed = shuffle(seededRandom(matrix[0]?.seed ?? 0), matrix);
  const firsts = grouped(mixed, ({ kind, part = '', isFrozen = false }) => `${kind} ${part} ${isFrozen}`).flatMap(
    (group) => group.slice(0, 1),
  );
  const places = new Map<number, number>();
  for (const group of grouped(mixed, ({ kind, ending }) => `${kind} ${ending}`))
    for (const [index, fault] of group.entries()) places.set(fault.number, (index + 0.5) / group.length);
  const rest = mixed
    .filter((fault) => !firsts.includes(fault))
    .sort((a, b) => (places.get(a.number) ?? 0) - (places.get(b.number) ?? 0) || a.number - b.number);
  return [...firsts, ...rest].slice(0, count);
}
