import type { Command } from 'commander';
import type { EngineLimits } from '../core/analysis/judge-stream';
import { UsageError } from './fault';

type LimitOption = { readonly flag: string; readonly words: string; readonly above: number; readonly below: number };

/** The limits that a replay may be given; the defaults are those of a live release. */
const limits: { readonly [K in keyof EngineLimits]?: LimitOption } = {
  alpha: { flag: '--alpha', words: 'chance that a clean stream is ever rolled back', above: 0, below: 1 },
  alphaHold: { flag: '--alpha-hold', words: 'the same of a hold on early evidence', above: 0, below: 1 },
  beta: { flag: '--beta', words: 'chance that a harmful stream is advanced', above: 0, below: 1 },
  alphaSplit: { flag: '--alpha-split', words: 'chance that a right split is held', above: 0, below: 1 },
  marginRatio: { flag: '--margin-ratio', words: 'ratio to the baseline above which harm counts', above: 0, below: 100 },
};

export type LimitTexts = { readonly [K in keyof EngineLimits]?: string };

const isLimit = (key: string): key is keyof EngineLimits => key in limits;

/** Adds an option for every limit. */
export const withLimits = (command: Command): Command =>
  Object.values(limits).reduce((each, { flag, words }) => each.option(`${flag} <number>`, words), command);

/** The limits that were given; throws on what is no number in the range. */
export function readLimits(texts: LimitTexts): Partial<EngineLimits> {
  const given = Object.entries(texts).flatMap(([key, text]) => {
    const option = isLimit(key) ? limits[key] : undefined;
    if (option === undefined || text === undefined) return [];
    const value = text.trim() === '' ? NaN : Number(text);
    if (!(value > option.above && value < option.below))
      throw new UsageError(
        `${option.flag} wants a number above ${option.above} and below ${option.below}, not ${JSON.stringify(text)}.`,
      );
    return [[key, value] as const];
  });
  return Object.fromEntries(given);
}
