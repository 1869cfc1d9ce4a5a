import type { WatchClass } from '../../core/release/messages';
import type { Decision } from '../../core/analysis/types';
import type { TickResult } from './watch';

const classOf = (decision: Decision): WatchClass =>
  decision.action === 'hold' ? decision.why : decision.action === 'advance' ? 'advance' : 'evidence';

/**
 * Decides which looks are news: another class, or, while data is missing, another kind of missing, each told once.
 * A metrics system has nothing to say until it has looked twice: within `firstLookMs` its silence is no news.
 */
export function createNews(firstLookMs: number) {
  let told = '';
  let toldGaps = new Set<string>();

  const isFirstLook = ({ state, verdicts, view }: TickResult): boolean =>
    view.atMs - (state.missingSinceMs ?? view.atMs) < firstLookMs &&
    verdicts.every(
      ({ metric, missing }) => missing === undefined || state.engine.metrics[metric]?.lastGoodAtMs === undefined,
    );
  const gapOf = ({ verdicts }: TickResult): string =>
    verdicts.flatMap(({ metric, missing }) => (missing === undefined ? [] : [`${metric} ${missing}`])).join(', ');

  return {
    /** The class to tell, or undefined when the look is no news. */
    of(result: TickResult): WatchClass | undefined {
      const { decision, view } = result;
      const next = classOf(decision);
      const key = `${view.stageId} ${next}`;
      if (next === 'no-data') {
        if (isFirstLook(result)) return undefined;
        return key === told && toldGaps.has(gapOf(result)) ? undefined : next;
      }
      // The beginning of a bake is the stage's own news; only what differs from it is worth an event.
      return key === told || (next === 'baking' && !told.startsWith(`${view.stageId} `)) ? undefined : next;
    },
    /** Notes that it was told; a notice that could not be sent is news still. */
    note(result: TickResult, next: WatchClass): void {
      const key = `${result.view.stageId} ${next}`;
      if (key !== told) toldGaps = new Set();
      if (next === 'no-data') toldGaps.add(gapOf(result));
      told = key;
    },
  };
}
