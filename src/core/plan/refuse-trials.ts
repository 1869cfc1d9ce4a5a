import type { Policy } from '../policy/schema';
import type { Refusal } from './refusal';
import type { TrialDifference, TrialReport } from './trial';

/** How many objects are named before the rest is counted. */
const mostNamed = 5;

const differenceText = ({ object, is, effects, undos }: TrialDifference): string => {
  const by = undos.length > 0 ? undos.join(', ') : `${effects.join(', ') || 'the parts'}, which have no undo`;
  return `${object} is ${is} (${by})`;
};

/** What a trial found, in one sentence without its database. */
export function trialText({ trial }: TrialReport): string {
  switch (trial.outcome) {
    case 'restored':
      return trial.tried.length === 0
        ? 'nothing to try: every part is applied already'
        : `undo tried on a copy: gives back the schema (${trial.objects} objects); tried ${trial.tried.join(', ')}`;
    case 'differs': {
      const { differences } = trial;
      const more = differences.length > mostNamed ? `; and ${differences.length - mostNamed} more` : '';
      return `after the undo, ${differences.slice(0, mostNamed).map(differenceText).join('; ')}${more}`;
    }
    case 'failed':
      return `${trial.effect}: ${trial.message}`;
    case 'not-tried':
      return `undo not tried: ${trial.why}`;
  }
}

/** What trials say against a start: an undo that is not the inverse, a part that does not run, and where policy asks for a trial none. */
export function refuseTrials(reports: readonly TrialReport[], { name, migrations }: Policy): readonly Refusal[] {
  return reports.flatMap((report): readonly Refusal[] => {
    const { target, trial } = report;
    switch (trial.outcome) {
      case 'restored':
        return [];
      case 'differs':
        return [
          {
            code: 'undo-differs',
            kind: 'invalid',
            message: `Tried on a copy of the schema of ${target}, the undo is not the inverse: ${trialText(report)}.`,
            fix: 'Correct the undo so that it gives back exactly what the part found, then start again.',
          },
        ];
      case 'failed':
        return [
          {
            code: 'trial-failed',
            kind: 'invalid',
            message: `Tried on a copy of the schema of ${target}, ${trialText(report)}`,
            fix: 'Correct the file that is named, then start again.',
          },
        ];
      case 'not-tried':
        return migrations.trial === 'optional'
          ? []
          : [
              {
                code: 'trial-missing',
                kind: 'denied',
                message: `Policy \`${name}\` asks for a trial of every undo, and at ${target} there was none: ${trial.why}.`,
                fix: trial.fix,
              },
            ];
    }
  });
}
