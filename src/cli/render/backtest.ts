import { formatDuration } from '../../core/duration';
import type { BacktestSummary, BacktestWindow } from '../../look-back/backtest/run-backtest';
import { span, type Line } from './line';
import { signOf, type Mark } from './marks';

const marks: { readonly [O in BacktestWindow['outcome']]: Mark } = {
  promoted: { sign: '✔', word: 'promoted', tone: 'good' },
  'rolled-back': { sign: '✖', word: 'cried wolf', tone: 'bad' },
  held: { sign: '◐', word: 'held', tone: 'busy' },
  'no-data': { sign: '?', word: 'no data', tone: 'busy' },
};

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** One played release: when, what it came to, where and why. */
export function backtestLine(window: BacktestWindow): Line {
  const { outcome, fromMs, atMs, stage, reason, blindLooks, looks } = window;
  const mark = marks[outcome];
  const blind = blindLooks === 0 || outcome === 'no-data' ? '' : ` (no data at ${blindLooks} of ${looks} looks)`;
  return [
    signOf(mark),
    span(`${new Date(fromMs).toISOString().slice(0, 16)}Z  `),
    span(`${mark.word.padEnd(10)}  `, mark.tone),
    span(`${stage} after ${formatDuration(atMs - fromMs)}: ${reason}${blind}`),
  ];
}

/** How often the policy would have cried wolf. */
export function backtestSummary(summary: BacktestSummary): string {
  const { windows, judged, falseAlarms, held, promoted, withoutData, rate, upperBound } = summary;
  if (rate === null) return `${windows} releases of nothing new, and none had data: nothing can be said.`;
  const blind = withoutData === 0 ? '' : `; ${withoutData} more had no data and are not counted`;
  return `${judged} releases of nothing new: ${falseAlarms} would have been rolled back (${percent(rate)}, at most ${percent(upperBound)} with 95 % confidence), ${held} held, ${promoted} promoted${blind}.`;
}
