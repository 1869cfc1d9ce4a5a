import type { PartFact } from './database';
import type { Facts } from './facts';

/** I13: the engine holds nothing in the database any more, and what it keeps there is listed. */
export function brokenLeftOvers({ story, database }: Facts): readonly string[] {
  const { copies, listedCopies, scratch, invalidIndexes, sessions, retired } = database;
  // A contract that still waits may be about to make its copy.
  const isAtRest = story.expected !== 'Promoted' || story.isContracted;
  const unlisted = copies.filter((name) => !listedCopies.includes(name));
  const missing = listedCopies.filter((name) => !copies.includes(name));
  const wantsCopy = story.isContracted && copies.length === 0;
  return [
    ...scratch.map((name) => `database ${name} of a trial is left`),
    ...invalidIndexes.map((name) => `index ${name} is half-built`),
    ...sessions.map((session) => `a session of the engine is left: ${session}`),
    ...(isAtRest ? unlisted.map((name) => `table ${name} is in no list of copies`) : []),
    ...(isAtRest ? missing.map((name) => `copy ${name} is listed and not there`) : []),
    ...(wantsCopy ? ['there is no copy of what contract removed'] : []),
    ...(isAtRest ? retired.filter(({ isDropped, isPutBack }) => !isDropped && !isPutBack) : []).map(
      ({ part }) => `what ${part} renamed is neither dropped nor back`,
    ),
  ];
}

const namesOf = (parts: readonly PartFact[]): string =>
  parts
    .map(({ part }) => part)
    .sort()
    .join(', ');

/** I14: ledger and lineage say what the schema shows: all parts of a promoted release, none of one that went back. */
export function brokenLedger({ story, database }: Facts): readonly string[] {
  const wanted = story.expected === 'Promoted' ? [...story.parts].sort().join(', ') : '';
  return (['ledger', 'lineage'] as const).flatMap((list) => {
    const standing = database[list].filter(({ isUndone }) => !isUndone);
    const half = standing.filter(({ isApplied }) => !isApplied);
    const found = namesOf(standing);
    return [
      ...half.map(({ part }) => `the ${list} has ${part} half applied`),
      ...(found === wanted
        ? []
        : [`the ${list} says that ${found || 'nothing'} is applied, not ${wanted || 'nothing'}`]),
    ];
  });
}
