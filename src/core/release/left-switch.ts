import type { Proof, ProofLine } from './proof';

/** A kill switch that somebody else threw and that a rollback leaves alone: what was found and what was there before, as people may see it. */
export type LeftSwitch = { readonly observed: string; readonly before: string };

/** What the proof says of such a kill switch. */
export type LeftLine = ProofLine & { readonly effect: string };

export const detailOfLeft = ({ observed, before }: LeftSwitch): string =>
  `left as somebody else threw it: ${observed}, before the release ${before}`;

/** What is told of it: what was found, what was there before, who decides, what comes next. */
export const sentenceOfLeft = (effect: string, { observed, before }: LeftSwitch): string =>
  `Somebody else threw the kill switch of ${effect}: found ${observed}, which neither the release set nor was there before it ` +
  `(${before}). The rollback leaves it as it is and restores everything else. Whoever threw it decides: when its reason is ` +
  'over, set it back by hand; no release does.';

/** One of them in a line of its own. */
export const lineOfLeft = ({ object, observed, expected }: LeftLine): string =>
  `${object}: ${observed}, left as somebody else threw it, before ${expected}`;

/** Beside the word of a proof that holds. */
export const leftText = (left: readonly LeftLine[] = []): string =>
  left.length === 0
    ? ''
    : `, but for ${left.map(({ object, observed, expected }) => `${object}, left as somebody else threw it: ${observed}, before ${expected}`).join('; ')}`;

/** The word of a proof, for titles. */
export function wordOfProof({ isRestored, left = [] }: Proof): string {
  if (!isRestored) return 'not restored';
  return `the baseline is restored${left.length === 0 ? '' : ', but for what somebody else threw'}`;
}
