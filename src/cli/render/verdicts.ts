import type { Verdict } from '../../core/analysis/types';
import { line, span, type Line } from './line';
import { signOf, verdictMarks } from './marks';
import { number } from './number';

/** Only shares have a baseline; what has none is a value in its own unit. */
const unitOf = ({ baseline }: Verdict): ((value: number) => string) =>
  baseline === undefined ? number : (value) => `${number(100 * value)} %`;

function numbersOf(verdict: Verdict): string {
  const { canary, baseline, limit, interval, evidence, evidenceNeeded } = verdict;
  const show = unitOf(verdict);
  const of = (name: string, value: number | undefined): readonly string[] =>
    value === undefined ? [] : [`${name} ${show(value)}`];
  return [
    ...of('canary', canary),
    ...of('baseline', baseline),
    ...of('limit', limit),
    ...(interval === undefined ? [] : [intervalText(interval, baseline !== undefined)]),
    ...(evidence === undefined ? [] : [`evidence ${number(evidence)}${neededText(evidenceNeeded)}`]),
  ].join(', ');
}

function intervalText({ low, high }: NonNullable<Verdict['interval']>, isRatio: boolean): string {
  const text = high === null ? `${number(low)} or more` : `${number(low)} to ${number(high)}`;
  return isRatio ? `interval ${text} times the baseline` : `interval ${text}`;
}

const neededText = (needed: number | undefined): string => (needed === undefined ? '' : ` of ${number(needed)} needed`);

function verdictLines(verdict: Verdict): readonly Line[] {
  const { metric, value, reason, query, guardrail } = verdict;
  const numbers = numbersOf(verdict);
  return [
    [
      span('  '),
      signOf(verdictMarks[value]),
      span(`${metric}: ${reason}`),
      ...(guardrail ? [] : [span(' (observed only)', 'dim')]),
    ],
    ...(numbers === '' ? [] : [line(`    ${numbers}`, 'dim')]),
    ...(query === undefined ? [] : [line(`    query  ${query}`, 'dim')]),
  ];
}

const order = { fail: 0, inconclusive: 1, pass: 2 } as const;

/** Each metric with its two numbers, the interval, the limit, the evidence and the query; the worst first. */
export const allVerdictLines = (verdicts: readonly Verdict[]): readonly Line[] =>
  [...verdicts].sort((a, b) => order[a.value] - order[b.value]).flatMap(verdictLines);
