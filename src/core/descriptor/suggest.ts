import { distance } from 'fastest-levenshtein';

/** Words of other release tools, and what is meant by them here. */
const elsewhere: { readonly [word: string]: readonly string[] } = {
  weight: ['canaryPercent'],
  setweight: ['canaryPercent'],
  percent: ['canaryPercent', 'holdbackPercent'],
  pause: ['bakeTime'],
  duration: ['bakeTime'],
  holdback: ['holdbackPercent'],
  window: ['rollbackWindow'],
  steps: ['stages'],
  strategy: ['stages'],
  config: ['configuration'],
  analysis: ['metrics'],
  up: ['sql'],
  down: ['undo'],
  verify: ['check'],
  approvers: ['from'],
  limit: ['max'],
  threshold: ['max'],
  query: ['value'],
};

/** The allowed word that was most likely meant, or undefined when none is near. */
function closestWord(word: string, allowed: readonly string[]): string | undefined {
  const small = word.toLowerCase();
  const known = Object.hasOwn(elsewhere, small) ? elsewhere[small]?.find((each) => allowed.includes(each)) : undefined;
  if (known !== undefined) return known;
  const ranked = allowed
    .map((candidate) => ({ candidate, steps: distance(small.slice(0, 80), candidate.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  const [best] = ranked;
  if (best !== undefined && best.steps <= Math.max(1, Math.floor(word.length * 0.4))) return best.candidate;
  return small.length < 3 ? undefined : allowed.find((candidate) => candidate.toLowerCase().startsWith(small));
}

/** What to do about a word that is not among the allowed ones. */
export function didYouMean(word: string, allowed: readonly string[]): string {
  const closest = closestWord(word, allowed);
  if (closest !== undefined) return `did you mean ${closest}?`;
  return allowed.length === 0 ? 'add it there first, or take it out here' : `allowed here: ${allowed.join(', ')}`;
}
