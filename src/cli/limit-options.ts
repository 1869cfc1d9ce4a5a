import type { Command } from 'commander';
import { defaultLimits, type EngineLimits } from '../core/analysis/limits';
import { chartKinds, type ChartKind } from '../core/analysis/methods/charts';
import { UsageError } from './fault';

type LimitOption = {
  readonly flag: string;
  readonly words: string;
  /** The values that make sense lie between these two. */
  readonly above: number;
  readonly below: number;
};

type NumberLimit = Exclude<keyof EngineLimits, 'chart'>;

const share = (flag: string, words: string): LimitOption => ({ flag, words, above: 0, below: 1 });

/** The limits that a replay of recorded streams may be given; the defaults are the engine's own. */
const limits: { readonly [K in NumberLimit]?: LimitOption } = {
  alpha: share('--alpha', 'chance that a clean stream is ever rolled back'),
  alphaHold: share('--alpha-hold', 'chance that it is ever held for early evidence'),
  beta: share('--beta', 'chance that a harmful stream is advanced'),
  alphaSplit: share('--alpha-split', 'chance that a right split is ever held'),
  marginRatio: {
    flag: '--margin-ratio',
    words: 'ratio of error shares above which there is harm',
    above: 0,
    below: 100,
  },
  marginLatency: {
    flag: '--margin-latency',
    words: 'factor of answer times above which there is harm',
    above: 0,
    below: 100,
  },
  marginTail: {
    flag: '--margin-tail',
    words: 'the same for the slowest answers alone',
    above: 0,
    below: 100,
  },
  marginGauge: {
    flag: '--margin-gauge',
    words: 'difference of a gauge above which there is harm',
    above: -1,
    below: 1,
  },
  safeShare: share('--safe-share', 'share of errors that must be excluded before it advances'),
  coldStartS: { flag: '--cold-start-s', words: 'seconds in which fresh instances warm up', above: -1, below: 1e6 },
  chartDays: {
    flag: '--chart-days',
    words: 'days between false alarms after the planned time, at least',
    above: 0,
    below: 1e6,
  },
  silentTicks: { flag: '--silent-ticks', words: 'ticks without data after which it holds', above: 0, below: 1e6 },
};

export type LimitTexts = { readonly [K in keyof EngineLimits]?: string };

const isLimit = (key: string): key is NumberLimit => key in limits;
const isChart = (text: string): text is ChartKind => chartKinds.some((kind) => kind === text);

/** Adds an option for every limit. */
export const withLimits = (command: Command): Command =>
  Object.entries(limits)
    .reduce(
      (each, [key, { flag, words }]) =>
        each.option(`${flag} <number>`, isLimit(key) ? `${words}; ${defaultLimits[key]} when left out` : words),
      command,
    )
    .option('--chart <kind>', `chart after the planned time: ${chartKinds.join(', ')}; ${chartKinds[0]} when left out`);

function readChart(text: string | undefined): Pick<EngineLimits, 'chart'> {
  if (text === undefined) return {};
  if (!isChart(text)) throw new UsageError(`--chart wants ${chartKinds.join(', ')}, not ${JSON.stringify(text)}.`);
  return { chart: text };
}

/** The limits that were given; throws on what is no number in the range. */
export function readLimits(texts: LimitTexts): Partial<EngineLimits> {
  const given = Object.entries(texts).flatMap(([key, text]) => {
    const option = isLimit(key) ? limits[key] : undefined;
    if (option === undefined) return [];
    const value = text.trim() === '' ? NaN : Number(text);
    if (!(value > option.above && value < option.below))
      throw new UsageError(
        `${option.flag} wants a number above ${option.above} and below ${option.below}, not ${JSON.stringify(text)}.`,
      );
    return [[key, value] as const];
  });
  return { ...Object.fromEntries(given), ...readChart(texts.chart) };
}
