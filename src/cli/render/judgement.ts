import type { Judgement, MetricJudgement } from '../../core/analysis/classic/judge-pairs';
import { line, span, type Line } from './line';
import { signOf, verdictMarks } from './marks';
import { number } from './number';

function numbersOf({ canary, baseline, shift, interval, pValue }: MetricJudgement, confidence: number): string {
  const arms = [
    ['canary', canary],
    ['baseline', baseline],
  ] as const;
  const means = arms.map(([name, arm]) =>
    arm.mean === null ? `${name} no points` : `${name} mean ${number(arm.mean)} (${arm.points} points)`,
  );
  if (shift === null || interval === null || pValue === null) return means.join(', ');
  const told = `shift ${number(shift)}, ${number(100 * confidence)} % interval ${number(interval.low)} to ${number(interval.high)}`;
  return [...means, told, `p ${number(pValue.value)} (${pValue.method})`].join(', ');
}

function metricLines(judged: MetricJudgement, confidence: number): readonly Line[] {
  const mark = verdictMarks[judged.value];
  const marks = [...(judged.isCritical ? ['critical'] : []), ...(judged.isMuted ? ['muted'] : [])];
  const said = marks.length === 0 ? '' : ` (${marks.join(', ')})`;
  return [
    [signOf(mark), span(`${judged.metric}: `), span(`${judged.class}${said}`, mark.tone), span(`, ${judged.reason}`)],
    line(`    ${numbersOf(judged, confidence)}`, 'dim'),
    ...judged.warnings.map((text) => line(`    ! ${text}`, 'dim')),
  ];
}

/** What the classic judge found: class and reason of each metric, the numbers below it. */
export const judgementLines = ({ metrics }: Judgement, confidence: number): readonly Line[] =>
  metrics.flatMap((metric) => metricLines(metric, confidence));
