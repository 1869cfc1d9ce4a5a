import { bakeUnder, underBudget, type BudgetRule } from '../../core/analysis/budget/budget';
import type { LeakReading } from '../../core/cohorts/leak';
import { followBaseline, silenceOf } from '../../core/analysis/baseline';
import { settlePairs } from '../../core/analysis/compared/look';
import { absorb } from '../../core/analysis/engine';
import type { RiskRule } from '../../core/analysis/risk';
import { decide } from '../../core/analysis/decide';
import type { Decision, Reading, Verdict, WatchView } from '../../core/analysis/types';
import type { Slots } from '../../core/plan/effects';
import type { MetricRule, Plan } from '../../core/plan/plan';
import type { ExposeStage } from '../../core/plan/stages';
import type { TrafficReading } from '../../ports/traffic';
import { lookAtBaseline } from './baseline-look';
import { leakVerdicts } from './leak-verdicts';
import { spendBudget } from './spend-budget';
import { viewOf } from './view-of-look';
import { weighLook } from './weigh-look';
import { followSplit, type SplitReading, type WatchState } from './watch-state';

export type WatchRules = {
  readonly roles: Slots;
  readonly stages: readonly ExposeStage[];
  readonly metrics: readonly MetricRule[];
  readonly noData: Plan['noData'];
  readonly budget?: BudgetRule | undefined;
  readonly risk?: RiskRule | undefined;
};

export type ProxyReading =
  { readonly kind: 'read'; readonly traffic: TrafficReading } | { readonly kind: 'unread'; readonly detail: string };

export type Tick = {
  readonly atMs: number;
  readonly elapsedMs: number;
  readonly proxy: ProxyReading;
  /** The last exposure that the release is known to have begun. */
  readonly begunIndex: number;
  /** Who sees the canary beside the cohorts of the stage; absent where everybody may. */
  readonly leak?: LeakReading | undefined;
  /** Why the baseline could not take all of its users back; absent while it could, and where nobody says. */
  readonly baselineGap?: string | undefined;
  /** Readings of other sources that are new since the last tick. */
  readonly others: { readonly [metric: string]: Reading };
};

export type TickResult = {
  readonly state: WatchState;
  readonly view: WatchView;
  readonly decision: Decision;
  readonly verdicts: readonly Verdict[];
  readonly split: SplitReading;
};

function proxyReading(proxy: ProxyReading, roles: Slots): Reading {
  if (proxy.kind === 'unread') return { kind: 'missing', reason: 'unreachable', detail: proxy.detail };
  const of = (slot: 'blue' | 'green') => {
    const { requests, bad } = proxy.traffic.counters[slot];
    return { total: requests, bad };
  };
  return { kind: 'counts', baseline: of(roles.baseline), canary: of(roles.canary) };
}

function readingsOf(tick: Tick, rules: WatchRules): Tick['others'] {
  const proxy = rules.metrics.filter(({ kind }) => kind === 'proxy-errors');
  const reading = proxyReading(tick.proxy, rules.roles);
  return { ...tick.others, ...Object.fromEntries(proxy.map(({ name }) => [name, reading] as const)) };
}

const since = (isSo: boolean, before: number | undefined, nowMs: number): number | undefined =>
  isSo ? (before ?? nowMs) : undefined;

const optional = <K extends string>(key: K, value: number | undefined): { readonly [P in K]?: number } | object =>
  value === undefined ? {} : { [key]: value };

function follow(state: WatchState, rules: WatchRules, tick: Tick): { state: WatchState; reading: SplitReading } {
  const traffic = tick.proxy.kind === 'read' ? tick.proxy.traffic : undefined;
  if (traffic?.split === undefined)
    return { state, reading: traffic !== undefined && state.isReached ? 'lost' : 'not-yet' };
  const { split, processes } = traffic;
  const seen = { split, processes, begunIndex: tick.begunIndex };
  return followSplit(state, rules.stages, rules.roles, seen, tick.elapsedMs);
}

const isDraining = ({ proxy }: Tick, { canary }: Slots): boolean =>
  proxy.kind === 'read' && proxy.traffic.split?.[canary].state === 'drain';

/** Time beside a silent baseline bakes nothing. */
const withoutBake = (before: WatchState, now: WatchState): WatchState =>
  before.stageIndex === now.stageIndex && before.isReached ? { ...now, bakedMs: before.bakedMs } : now;

/** One look: pure; what the proxy and the metrics say, in; state, verdicts and decision, out. */
export function tickWatch(before: WatchState, rules: WatchRules, tick: Tick): TickResult {
  const followed = follow(before, rules, tick);
  const look = lookAtBaseline(tick.proxy.kind === 'read' ? tick.proxy.traffic : undefined, rules.roles, tick.atMs);
  const baseline = look === undefined ? before.baseline : followBaseline(before.baseline, look);
  const silence = look === undefined || baseline === undefined ? undefined : silenceOf(baseline, look);
  const isSilent = silence !== undefined;
  const stage = rules.stages[followed.state.stageIndex];
  if (stage === undefined) throw new Error(`no exposure stage ${followed.state.stageIndex}`);
  const readings = settlePairs(readingsOf(tick, rules), followed.state.compared, stage);
  const engine = absorb(followed.state.engine, { atMs: tick.atMs, readings }, isSilent);
  const {
    split: wasSplit,
    inconclusiveSinceMs: wasInconclusive,
    missingSinceMs: wasMissing,
    takenOutSinceMs: wasTakenOut,
    ...rest
  } = isSilent ? withoutBake(before, followed.state) : followed.state;
  const counts = proxyReading(tick.proxy, rules.roles);
  const isAsWanted = followed.reading === 'as-wanted';
  const spending = spendBudget(before.budget, rules, { atMs: tick.atMs, proxy: tick.proxy, counts, stage });
  const bakeMs = spending === undefined ? stage.bakeMs : bakeUnder(stage.bakeMs, spending.finding);
  const isBaked = rest.bakedMs >= bakeMs;
  const seen = { atMs: tick.atMs, engine, stage, counts, isAsWanted, isBaselineSilent: isSilent, isBaked };
  const weighed = weighLook({ evidence: rest.evidence, compared: rest.compared, split: wasSplit }, rules, seen);
  const verdicts = [...weighed.verdicts, ...leakVerdicts(tick, stage, rest.stageIndex, followed.reading)];
  // Metrics of a silent baseline may be missing too: their deadline would turn back to it.
  const isMissing = !isSilent && verdicts.some(({ missing }) => missing !== undefined);
  const isOpen = !isSilent && isBaked && verdicts.some(({ value }) => value === 'inconclusive');
  const missingSinceMs = since(isMissing, wasMissing, tick.atMs);
  const takenOutSinceMs = since(followed.reading === 'taken-out', wasTakenOut, tick.atMs);
  const inconclusiveSinceMs = since(isOpen, wasInconclusive, tick.atMs);
  const state: WatchState = {
    ...rest,
    engine,
    ...weighed.state,
    ...(spending === undefined ? {} : { budget: spending.state }),
    ...(baseline === undefined ? {} : { baseline }),
    ...optional('missingSinceMs', missingSinceMs),
    ...optional('inconclusiveSinceMs', inconclusiveSinceMs),
    ...optional('takenOutSinceMs', takenOutSinceMs),
  };
  const decided = decide({
    verdicts,
    bakedMs: state.bakedMs,
    bakeMs,
    missingForMs: missingSinceMs === undefined ? 0 : tick.atMs - missingSinceMs,
    // A slot in drain still serves sessions, perhaps on the way back: no deadline may cut them.
    noData: isDraining(tick, rules.roles) ? { ...rules.noData, then: 'hold' } : rules.noData,
    takenOutForMs: takenOutSinceMs === undefined ? 0 : tick.atMs - takenOutSinceMs,
    baselineSilence: silence === undefined ? undefined : `${silence} (${rules.roles.baseline})`,
    baselineGap: tick.baselineGap === undefined ? undefined : `${tick.baselineGap} (${rules.roles.baseline})`,
    inconclusiveForMs: inconclusiveSinceMs === undefined ? 0 : tick.atMs - inconclusiveSinceMs,
  });
  const decision = spending === undefined ? decided : underBudget(decided, spending.finding);
  return {
    state,
    verdicts,
    decision,
    split: followed.reading,
    view: viewOf(state, rules, stage, tick, verdicts, decision),
  };
}
