import type { Seen } from '../cli/render/changes';
import { explain } from '../core/release/explain';

const percent = (value: number): string => `${Number(value.toFixed(1))} %`;

const isEvident = ({ view }: Seen): boolean =>
  view?.canaryPercentObserved !== undefined && view.verdicts.every(({ value }) => value === 'pass');

/** What a terminal would show all the time, told elsewhere when it matters: the observed weight, and a wait for people. */
export function sightLines(before: Seen | undefined, now: Seen): readonly string[] {
  const { view, state } = now;
  const wasEvident = before?.view?.stageId === view?.stageId && before !== undefined && isEvident(before);
  const explanation = explain(state);
  const isNewWait =
    explanation.state === 'Waiting for approval' &&
    (before === undefined || explain(before.state).state !== explanation.state);
  return [
    ...(view?.canaryPercentObserved !== undefined && isEvident(now) && !wasEvident
      ? [`  weights: wanted ${percent(view.canaryPercentWanted)}, observed ${percent(view.canaryPercentObserved)}`]
      : []),
    ...(isNewWait ? [explanation.sentence] : []),
  ];
}
