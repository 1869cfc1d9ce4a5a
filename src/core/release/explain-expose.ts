import { formatDuration } from '../duration';
import { plural } from '../plural';
import type { ExposeStage } from '../plan/stages';
import { abortHint, build, stageAfter, time, type Explanation } from './explanation';
import type { ReleaseState } from './state';

/** A restart is nobody's fault; a hand is named as one. */
export const lossOf = ({ observed, isByHand }: { readonly observed: string; readonly isByHand?: boolean }): string =>
  isByHand === true
    ? `something else changed the weights at the proxy (${observed})`
    : `the proxy lost its weights (${observed})`;

/** Where a second controller writes, and what should stand there: of the last exposure that began. */
export function writerPlace({ sealed, snapshot, stages }: ReleaseState) {
  const begun = stages.filter(({ state }) => state !== 'waiting').map(({ id }) => id);
  const exposures = sealed?.plan.stages.filter((stage): stage is ExposeStage => stage.kind === 'expose') ?? [];
  const stage = exposures.findLast(({ id }) => begun.includes(id));
  const members = stage?.cohorts === undefined ? '' : ` and ${plural(stage.cohorts.length, 'member')} of cohorts`;
  return {
    target: sealed?.plan.targets.traffic ?? 'the proxy',
    wanted: `${stage?.canaryPercent ?? 0} % on ${snapshot?.roles.canary ?? 'the canary'}${members}`,
    rule: sealed?.plan.drift?.routes ?? 'roll-back',
  } as const;
}

/** Whom a stage reaches. */
const reachOf = ({ canaryPercent, cohorts = [] }: ExposeStage): string =>
  canaryPercent === 0 ? `to ${plural(cohorts.length, 'member')} of cohorts` : `at ${canaryPercent} %`;

export function explainExpose(state: ReleaseState, stage: ExposeStage, sinceMs: number, service: string): Explanation {
  const watch = state.watch?.stageId === stage.id ? state.watch : undefined;
  const nextStage = stageAfter(state)?.title ?? 'the end';
  const label = stage.isFull ? 'In the rollback window' : `Exposed ${reachOf(stage)}`;
  if (state.splitLost !== undefined)
    return build(label, lossOf(state.splitLost), state.splitLost.sinceMs, 'they are set again', abortHint(service));
  if (watch === undefined || watch.class === 'baking') {
    const bakedUntil = sinceMs + stage.bakeMs + state.stagePausedMs;
    return build(
      label,
      watch?.reason ?? `baking for ${formatDuration(stage.bakeMs)}`,
      sinceMs,
      `${nextStage} at ${time(bakedUntil)} at the earliest`,
      abortHint(service),
    );
  }
  if (watch.class === 'advance') return build(label, watch.reason, watch.sinceMs, nextStage, abortHint(service));
  if (watch.class === 'baseline-silent')
    return build(
      `Held ${reachOf(stage)}`,
      watch.reason,
      watch.sinceMs,
      'goes on when the baseline answers again; only a broken guardrail turns it back meanwhile',
      `whoever runs the baseline mends it; ${abortHint(service)}, and users then wait for the baseline`,
    );
  if (watch.class === 'baseline-capacity')
    return build(
      `Held ${reachOf(stage)}`,
      watch.reason,
      watch.sinceMs,
      'goes on when the baseline has its capacity again; whatever else breaks turns it back meanwhile',
      `whoever runs the baseline gives it its capacity back; ${abortHint(service)}`,
    );
  const noData = state.sealed?.plan.noData;
  const deadline = time(watch.sinceMs + (noData?.holdForMs ?? 0));
  const then = noData?.then === 'hold' ? `stays held after ${deadline}` : `rolls back at ${deadline}`;
  return build(
    `Held ${reachOf(stage)}`,
    watch.reason,
    watch.sinceMs,
    watch.class === 'taken-out'
      ? `goes on when the slot is ready again ${stage.canaryPercent === 0 ? reachOf(stage) : `with ${stage.canaryPercent} %`}, or ${then}`
      : `goes on when there is evidence, or ${then}`,
    watch.class === 'taken-out' ? `who took it out may put it back; ${abortHint(service)}` : abortHint(service),
  );
}
