import { judgeLeak } from '../../core/cohorts/leak';
import type { Verdict } from '../../core/analysis/types';
import type { ExposeStage } from '../../core/plan/stages';
import type { Tick } from './watch';
import type { SplitReading } from './watch-state';

/** Where cohorts alone are exposed a look always says what is known of a leak: not knowing must not pass for once. */
export function leakVerdicts(
  { leak, proxy }: Pick<Tick, 'leak' | 'proxy'>,
  stage: ExposeStage,
  stageIndex: number,
  reading: SplitReading,
): readonly Verdict[] {
  if (stage.canaryPercent > 0 || stage.cohorts === undefined) return [];
  const isOfStage = leak?.stageIndex === stageIndex;
  // What every proxy shows and no stage of this release has is another hand's: whoever sees the canary by it sees it all the same.
  const isForeign = reading === 'lost' && proxy.kind === 'read' && proxy.traffic.split !== undefined;
  // While the proxy shows something else, who does not see the canary says nothing of this stage.
  const isKnown =
    isOfStage && (reading === 'as-wanted' || leak.kind === 'unknown' || (isForeign && leak.kind === 'leak'));
  return [judgeLeak(isKnown ? leak : { stageIndex, kind: 'asking' })];
}
