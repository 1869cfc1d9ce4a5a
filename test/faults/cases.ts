import { backwardPoints, endings, pointsOf, type Ending } from './points';
import { createRandom, pick, shuffle } from './random';

/** A part that is killed and started again while a release runs. */
type Part = 'temporal' | 'postgres' | 'haproxy' | 'prometheus';

/** One release with faults in it; everything in it follows from the seed and its number. */
export type FaultCase = {
  readonly seed: number;
  readonly number: number;
  readonly kind: 'kill' | 'freeze' | 'double-kill' | 'second-worker' | 'race' | 'part';
  readonly ending: Ending;
  /** Where the worker dies, one after the other. */
  readonly points: readonly string[];
  readonly part?: Part;
  /** When the part dies: at a gate, while it rolls back, or somewhere on the way. */
  readonly partAt?: 'forward' | 'gate' | 'backward';
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
      .filter((point) => !point.endsWith('K3') && !point.startsWith('compileRelease'))
      .map((point) => ({ kind: 'freeze', ending, points: [`${point}:freeze`] }) as const),
  );

const races: readonly Draft[] = [
  { kind: 'race', ending: 'aborted', points: [] },
  { kind: 'race', ending: 'aborted', points: ['approve:message'] },
  { kind: 'race', ending: 'aborted', points: ['abort:message'] },
  { kind: 'kill', ending: 'aborted', points: ['abort:message'] },
  { kind: 'kill', ending: 'promoted', points: ['approve:message'] },
];

const parts: readonly Draft[] = (['temporal', 'postgres', 'haproxy', 'prometheus'] as const).flatMap((part) =>
  (['promoted', 'breach', 'aborted', 'expired'] as const).flatMap((ending) =>
    (['forward', 'gate', ...(ending === 'promoted' ? [] : (['backward'] as const))] as const).map(
      (partAt) => ({ kind: 'part', ending, points: [], part, partAt }) as const,
    ),
  ),
);

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
    const random = createRandom(seed * 7_919 + from + index);
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
  const random = createRandom(seed);
  const fixed = [...kills(), ...freezes(), ...races, ...parts, ...secondWorkers(random)];
  return number([...fixed, ...doubleKills(random, Math.max(0, matrixSize - fixed.length))], seed, 0);
}

/** Cases beyond the matrix, drawn at random. */
export function randomCases(seed: number, count: number): readonly FaultCase[] {
  const first = matrixOf(seed).length;
  const random = createRandom(seed ^ 0x5eed);
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

/** `count` cases of the matrix that take in every kind of fault and every ending as evenly as they are in it. */
export function sampleOf(matrix: readonly FaultCase[], count: number): readonly FaultCase[] {
  if (count >= matrix.length) return matrix;
  const random = createRandom(matrix[0]?.seed ?? 0);
  const groups = new Map<string, FaultCase[]>();
  for (const each of shuffle(random, matrix)) {
    const key = `${each.kind} ${each.ending} ${each.part ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  // Each place in its group becomes a share of the group, so that small groups are not crowded out.
  return [...groups.values()]
    .flatMap((group) => group.map((each, index) => ({ each, place: (index + 0.5) / group.length })))
    .sort((a, b) => a.place - b.place || a.each.number - b.each.number)
    .slice(0, count)
    .map(({ each }) => each);
}

/** What a case is called, and how to play it again. */
export const nameOf = ({ number: n, kind, ending, points, part, partAt }: FaultCase): string =>
  [`case ${n}: ${kind}, ${ending}`, ...points, ...(part === undefined ? [] : [`${part} ${partAt}`])].join(', ');

export const describeAgain = (fault: FaultCase): string =>
  `SEED=${fault.seed} KILL_AT=${fault.points.join('+') || (fault.part ?? fault.kind)}  npm run faults -- --seed ${fault.seed} --case ${fault.number}`;
