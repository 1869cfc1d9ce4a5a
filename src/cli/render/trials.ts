import { wrapText } from '../../core/plain-text';
import { trialText } from '../../core/plan/refuse-trials';
import type { TrialReport } from '../../core/plan/trial';

/** What came of trying every undo, a line a database, with what to do where nothing could be tried. */
export function renderTrials(reports: readonly TrialReport[]): readonly string[] {
  if (reports.length === 0) return [];
  return ['Undo, tried on a copy of the schema', ...reports.flatMap(trialLines)];
}

function trialLines(report: TrialReport): readonly string[] {
  const { target, trial } = report;
  const beside = trial.outcome === 'restored' ? trial.notes : trial.outcome === 'not-tried' ? [trial.fix] : [];
  return [
    ...wrapText(`  ${target}: ${trialText(report)}`, '    '),
    ...beside.flatMap((text) => wrapText(`    ${text}`, '      ')),
  ];
}
