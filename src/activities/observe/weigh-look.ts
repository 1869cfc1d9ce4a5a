import { absorbCompared, comparedWeights, withCompared } from '../../core/analysis/compared/look';
import type { ComparedStates } from '../../core/analysis/compared/state';
import { judge } from '../../core/analysis/judge';
import { absorbEvidence, type LiveEvidence } from '../../core/analysis/live-evidence';
import { nameOwners } from '../../core/analysis/owners';
import { defaultRisk } from '../../core/analysis/risk';
import type { EngineState, Reading, Verdict } from '../../core/analysis/types';
import { followWatchedSplit, judgeSplit, type WatchedSplit } from '../../core/analysis/watched-split';
import { weighEvidence, weightsOf } from '../../core/analysis/weigh-evidence';
import { shareRules } from '../../core/plan/share-rule';
import type { ExposeStage } from '../../core/plan/stages';
import type { WatchRules } from './watch';

type Before = {
  readonly evidence?: LiveEvidence | undefined;
  readonly compared?: ComparedStates | undefined;
  readonly split?: WatchedSplit | undefined;
};
type After = {
  readonly evidence: LiveEvidence;
  readonly compared?: ComparedStates;
  readonly split?: WatchedSplit;
};

type SeenLook = {
  readonly atMs: number;
  readonly engine: EngineState;
  readonly stage: ExposeStage;
  /** The proxy's counters by role. */
  readonly counts: Reading;
  /** Whether the proxy shows the weights that were set. */
  readonly isAsWanted: boolean;
  readonly isBaselineSilent: boolean;
  /** Whether the stage has served its bake. */
  readonly isBaked: boolean;
};

/** What the engine remembers after a look, and what it says: the guard's verdicts, weighed with the evidence since the first user. */
export function weighLook(
  before: Before,
  { metrics, stages, risk = defaultRisk }: WatchRules,
  { atMs, engine, stage, counts, ...look }: SeenLook,
): { readonly state: After; readonly verdicts: readonly Verdict[] } {
  const { isBaselineSilent, isBaked } = look;
  const plannedMs = stages.reduce((sum, { bakeMs }) => sum + bakeMs, 0);
  const evidence = absorbEvidence(before.evidence ?? {}, engine, shareRules(metrics), {
    atMs,
    hasControl: stage.canaryPercent < 100,
    isFull: stage.isFull,
    isBaselineSilent,
    plannedMs,
  });
  const compared = absorbCompared(before.compared ?? {}, engine, metrics, {
    atMs,
    plannedMs,
    isBaked,
    isBaselineSilent,
  });
  const isAsWanted = look.isAsWanted && !isBaselineSilent;
  const split = followWatchedSplit(before.split, { atMs, counts, isAsWanted, stage });
  const judged = withCompared(judge(engine, metrics, stage, risk), metrics, compared, isBaked);
  const verdicts = weighEvidence(judged, {
    weights: { ...weightsOf(evidence, risk), ...comparedWeights(compared) },
    rules: metrics,
    risk,
    needsProof: stage.needsProof === true,
  });
  return {
    state: {
      evidence,
      ...(Object.keys(compared).length === 0 ? {} : { compared }),
      ...(split === undefined ? {} : { split }),
    },
    verdicts: nameOwners([...verdicts, ...judgeSplit(split, stages.length)], metrics),
  };
}
