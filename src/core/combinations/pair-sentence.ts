import type { MetBy, Pair } from './pairs';

const places: { readonly [M in MetBy]: string } = {
  canary: 'once both are set',
  baseline: 'on the baseline, which keeps its configuration',
  between: 'while flags are set or given back',
  'way-back': 'on the canary, when the release turns back',
};

const told = ({ setting, value }: Pair['first']): string => `${setting.title} ${value.text}`;

/** A pair in one sentence: what stands beside what, and where users meet it. */
export const pairSentence = ({ first, second, metBy }: Pair): string =>
  `${told(first)} with ${told(second)}: ${places[metBy]}.`;
