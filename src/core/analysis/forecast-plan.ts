import type { Plan } from '../plan/plan';
import { shareRules } from '../plan/share-rule';
import type { ExposeStage } from '../plan/stages';
import { forecastStage, type StageForecast, type Traffic } from './forecast';

/** What one metric can find in one stage. */
export type PlanForecast = {
  readonly stageId: string;
  readonly metric: string;
  readonly bakeSeconds: number;
  readonly holdSeconds: number;
} & StageForecast;

/**
 * What a stage's canary is compared with, as a share of its traffic: the rest, or at full exposure without a holdback
 * what the baseline served in the stage before, whose rates were frozen.
 */
function controlShareOf(exposures: readonly ExposeStage[], { canaryPercent, bakeMs, isFull }: ExposeStage): number {
  const before = exposures.filter((stage) => !stage.isFull).at(-1);
  if (!isFull || canaryPercent < 100 || before === undefined || bakeMs === 0) return 1 - canaryPercent / 100;
  return ((1 - before.canaryPercent / 100) * before.bakeMs) / bakeMs;
}

/** The forecast of every stage that exposes users, for every metric whose traffic is known, stage by stage. */
export function forecastPlan(
  { stages, metrics, noData, risk }: Pick<Plan, 'stages' | 'metrics' | 'noData' | 'risk'>,
  traffic: { readonly [metric: string]: Traffic },
): readonly PlanForecast[] {
  // How many requests a cohort sends is not known beforehand.
  const exposures = stages.filter((stage): stage is ExposeStage => stage.kind === 'expose' && stage.canaryPercent > 0);
  return exposures.flatMap((stage) => {
    const { id: stageId, canaryPercent, bakeMs, needsProof } = stage;
    return shareRules(metrics).flatMap((rule) => {
      const known = traffic[rule.name];
      if (known === undefined) return [];
      const times = { bakeSeconds: bakeMs / 1_000, holdSeconds: noData.holdForMs / 1_000 };
      const at = {
        canaryShare: canaryPercent / 100,
        controlShare: controlShareOf(exposures, stage),
        ...times,
        needsProof,
      };
      return [{ stageId, metric: rule.name, ...times, ...forecastStage(known, at, rule.limit, risk?.beta) }];
    });
  });
}
