import { distance } from 'fastest-levenshtein';

/** ` Did you mean …? Known: …` for a word that is none of the known ones; says so when nothing is known. */
export function knownNames(word: string, known: readonly string[]): string {
  if (known.length === 0) return 'None is known.';
  const nearest = [...known].sort((a, b) => distance(word, a) - distance(word, b))[0];
  const isNear = nearest !== undefined && distance(word, nearest) <= Math.max(2, Math.floor(word.length / 3));
  return `${isNear ? `Did you mean \`${nearest}\`? ` : ''}Known: ${known.join(', ')}.`;
}
