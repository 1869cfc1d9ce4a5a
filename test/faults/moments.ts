import { seededRandom } from '../../src/core/seeded-random';
import type { FaultCase } from './cases';
import { pick, shuffle } from './random';

/** A way that a release with migrations goes: up to full exposure, back again, or on to the end of contract. */
export type Way = 'forward' | 'backward' | 'contract';
export type Victim = 'worker' | 'database';

/** Something dies at a moment of a way, drawn in the time that the way takes when nothing dies. */
export type Strike = {
  readonly way: Way;
  /** Which part of the way is behind it then, from 0 to below 1. */
  readonly share: number;
  readonly victim: Victim;
  /** What dies then too, milliseconds later, while the first is coming back. */
  readonly again?: { readonly afterMs: number; readonly victim: Victim };
};

/** How long each way of an ending takes when nothing dies, in milliseconds. */
export type Spans = { [ending: string]: { [W in Way]?: number } };

type Route = { readonly ending: FaultCase['ending']; readonly way: Way };

/** As many moments forward as backward and in contract; and no ending without both. */
const routes: readonly Route[] = [
  { ending: 'contracted', way: 'forward' },
  { ending: 'contracted', way: 'contract' },
  { ending: 'aborted', way: 'backward' },
  { ending: 'aborted-full', way: 'forward' },
  { ending: 'contracted', way: 'contract' },
  { ending: 'aborted-full', way: 'backward' },
];

const victims = ['worker', 'database'] as const;
const againShare = 0.25;
const longestAgainMs = 3_000;

/** Each ending once with nothing killed: how long its ways take, and a control of the checker. */
const quietEndings = ['contracted', 'aborted', 'aborted-full'] as const;

/** Right before, behind and at the report of an activity, and in its middle. */
const workerDies = ['K1', 'K2', 'K3', '+'] as const;
const databaseDies = ['K1:database', '+:database'] as const;
const longestMiddleMs = 150;

/** `+` is given its milliseconds when the case is drawn. */
const at = (ending: FaultCase['ending'], ...activities: readonly string[]): readonly Draft[] =>
  activities.flatMap((activity) =>
    [...workerDies, ...databaseDies].map(
      (when) => ({ kind: 'kill', ending, points: [`${activity}:${when}`] }) as const,
    ),
  );

const withMiddle = (draft: Draft, random: () => number): Draft => ({
  ...draft,
  points: draft.points.map((point) => point.replace(':+', `:+${Math.floor(random() * longestMiddleMs)}`)),
});

type Draft = Pick<FaultCase, 'kind' | 'ending' | 'points'> & { readonly strikes?: readonly Strike[] };

/** Every activity that changes or checks the database. */
const points: readonly Draft[] = [
  ...at('contracted', 'migrate#1', 'backfill', 'migrate#2', 'verifyData#1', 'migrate#3', 'verifyData#2'),
  ...at('contracted', 'findReaders#1', 'takeRestorePoint#1', 'findReaders#2', 'renameOldForm', 'takeRestorePoint#2'),
  ...at('contracted', 'dropOldForm'),
  ...at('aborted', 'undoMigration#1', 'undoMigration#2', 'undoMigration#3', 'prove'),
  ...at('aborted-full', 'undoMigration#1', 'undoMigration#2', 'undoMigration#3', 'undoMigration#4', 'prove'),
];

/** A step by which moments lie far apart and evenly in a way, however many there are. */
const goldenStep = (Math.sqrt(5) - 1) / 2;

/** Case after case the same whatever their number, from `first` on. */
const draw = (seed: number, count: number, draft: (index: number, random: () => number) => Draft, first: number) =>
  Array.from({ length: count }, (_, index): FaultCase => {
    const number = first + index;
    const random = seededRandom(seed * 7_919 + number);
    const fault = { seed, number, world: 'widen' as const, downMs: Math.floor(random() * 400), delayMs: 0 };
    return { ...draft(index, random), ...fault };
  });

function momentOf(seed: number, index: number, random: () => number): Draft {
  const route = index % routes.length;
  const { ending, way } = routes[route] as Route;
  const begin = seededRandom(seed * 31 + route)();
  const share = (begin + Math.floor(index / routes.length) * goldenStep) % 1;
  const strike = { way, share, victim: pick(random, victims) };
  const again = { afterMs: Math.floor(random() * longestAgainMs), victim: pick(random, victims) };
  return {
    kind: 'moment',
    ending,
    points: [],
    strikes: [random() < againShare ? { ...strike, again } : strike],
  };
}

/** Quiet cases, then so many of the points of activities, then so many random moments. */
export function momentCases(
  seed: number,
  count: { readonly points: number; readonly moments: number },
): readonly FaultCase[] {
  const shuffled = shuffle(seededRandom(seed), points);
  const quiet = quietEndings.map((ending): Draft => ({ kind: 'moment', ending, points: [], strikes: [] }));
  const fixed = [...quiet, ...shuffled];
  const known = draw(seed, fixed.length, (index, random) => withMiddle(fixed[index] as Draft, random), 0);
  return [
    ...known.slice(0, quiet.length + count.points),
    ...draw(seed, count.moments, (index, random) => momentOf(seed, index, random), known.length),
  ];
}

export const isQuiet = ({ kind, strikes = [] }: FaultCase): boolean => kind === 'moment' && strikes.length === 0;
