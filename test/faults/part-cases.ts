import type { Draft } from './cases';

/** A part that is killed and started again, or frozen for a while, while a release runs. */
export type Part = 'temporal' | 'postgres' | 'haproxy' | 'prometheus' | 'sentinel';

/** What may stay away for longer than a lease lasts: a part, or every worker. */
export type Absent = Part | 'worker';

/** When the part dies: somewhere on the way, at a gate, while it rolls back, in its proof, or while it is recovered. */
export type PartAt = 'forward' | 'gate' | 'backward' | 'proof' | 'recovering';

export const allParts: readonly Part[] = ['temporal', 'postgres', 'haproxy', 'prometheus', 'sentinel'];

/** The worker notes that it begins to prove and goes on, so that the part dies in the middle of it. */
const atProof = { partAt: 'proof', points: ['prove:K1:part'] } as const;

/** The way to the gate is the same one whatever ends it there, and so is the way back of what nobody leads back by steps. */
const partMoments = {
  promoted: ['forward', 'gate'],
  breach: ['gate'],
  aborted: ['forward', 'gate', 'backward'],
  expired: ['gate'],
  drained: ['backward'],
} as const;

const deaths: readonly Draft[] = allParts.flatMap((part) =>
  (['promoted', 'breach', 'aborted', 'expired', 'drained'] as const).flatMap((ending) =>
    partMoments[ending].map((partAt) => ({ kind: 'part', ending, points: [], part, partAt }) as const),
  ),
);

const freezes: readonly Draft[] = allParts.flatMap((part) =>
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

/** Nobody knows before when a breach is seen: the worker notes that it begins to close traffic. */
const inRollback: readonly Draft[] = allParts.map((part) => ({
  kind: 'part',
  ending: 'breach',
  part,
  partAt: 'backward',
  points: ['closeTraffic:K1:part'],
}));

const inProof: readonly Draft[] = allParts.flatMap((part) =>
  (['breach', 'aborted'] as const).map((ending) => ({ kind: 'part', ending, part, ...atProof }) as const),
);

/**
 * Away at a gate, where the canary is exposed, for longer than a lease lasts. Without Temporal, a worker or the sentinel
 * nobody renews it and it has to be closed; the others leave it to the people.
 */
export const longAbsences: readonly Draft[] = (
  [
    ['temporal', 'lease-lost'],
    ['worker', 'lease-lost'],
    ['sentinel', 'lease-lost'],
    ['postgres', 'aborted'],
    ['haproxy', 'aborted'],
    ['prometheus', 'promoted'],
  ] as const
).map(([part, ending]) => ({ kind: 'part', ending, points: [], part, partAt: 'gate', isLong: true }));

/** Releases that lose a part for a moment before their end. */
export const partCases: readonly Draft[] = [...deaths, ...freezes, ...inRollback, ...inProof];

const recovered = { kind: 'recover', ending: 'recovered', cuts: ['gate'], isForgotten: false } as const;

/** Recoveries that lose one. */
export const partRecoveries: readonly Draft[] = allParts.flatMap((part) => [
  { ...recovered, points: [], part, partAt: 'recovering' },
  { ...recovered, part, ...atProof },
]);
