import type { Draft } from './cases';

/** A part that is killed and started again, or frozen for a while, while a release runs. */
export type Part = 'temporal' | 'postgres' | 'haproxy' | 'prometheus' | 'sentinel';

/** When the part dies: somewhere on the way, at a gate, while it rolls back, in its proof, or while it is recovered. */
export type PartAt = 'forward' | 'gate' | 'backward' | 'proof' | 'recovering';

export const allParts: readonly Part[] = ['temporal', 'postgres', 'haproxy', 'prometheus', 'sentinel'];

/** The worker notes that it begins to prove and goes on, so that the part dies in the middle of it. */
const atProof = { partAt: 'proof', points: ['prove:K1:part'] } as const;

/** The way to the gate is the same one whether an abort or the gate's own time ends there. */
const partMoments = {
  promoted: ['forward', 'gate'],
  breach: ['forward', 'gate', 'backward'],
  aborted: ['forward', 'gate', 'backward'],
  expired: ['gate', 'backward'],
} as const;

const deaths: readonly Draft[] = allParts.flatMap((part) =>
  (['promoted', 'breach', 'aborted', 'expired'] as const).flatMap((ending) =>
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

const inProof: readonly Draft[] = allParts.flatMap((part) =>
  (['breach', 'aborted'] as const).map((ending) => ({ kind: 'part', ending, part, ...atProof }) as const),
);

/** Releases that lose a part before their end. */
export const partCases: readonly Draft[] = [...deaths, ...freezes, ...inProof];

const recovered = { kind: 'recover', ending: 'recovered', cuts: ['gate'], isForgotten: false } as const;

/** Recoveries that lose one. */
export const partRecoveries: readonly Draft[] = allParts.flatMap((part) => [
  { ...recovered, points: [], part, partAt: 'recovering' },
  { ...recovered, part, ...atProof },
]);
