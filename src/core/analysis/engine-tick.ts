import { noArm, pairOf, together, type Arms, type Time } from './arms';
import { stepErrors } from './engine-errors';
import { sumAbove } from './methods/bucket-odds';
import { countDispersion, otherWay, stepCounts, type Pair } from './methods/counts';
import { stepGauge } from './methods/gauge';
import { stepLatency } from './methods/latency';
import { isArm, latencySilenceOf, silenceOf, type Silence } from './methods/no-data';
import { startSeason, stepSeason } from './methods/season';
import { stepSplit } from './methods/split';
import type { EngineLimits } from './limits';
import type { ArmTick, StreamMeta, StreamTick } from './stream';
import { errorRule, latencyRule, placeboRule, plannedS, tailRule } from './stream-rules';
import type { LatencyMetric, StreamState } from './stream-state';

/** Scrapes that fail come back sooner. */
const controlGoneS = 60;

const slowerThan = ({ buckets = [] }: ArmTick, bound: number): number => sumAbove(buckets, bound);

function stepLatencyMetric(
  before: LatencyMetric,
  arms: Arms,
  time: Time,
  meta: StreamMeta,
  limits: EngineLimits,
): LatencyMetric {
  const { canary, baseline, stable } = arms;
  const isWarm = time.atS > limits.coldStartS;
  const control = isWarm ? together(baseline, stable) : baseline;
  const tick = {
    canary: canary.buckets ?? [],
    fresh: baseline.buckets ?? [],
    warm: stable.buckets ?? [],
    isCold: !isWarm,
  };
  const buckets = stepLatency(before.buckets, tick, time, latencyRule(meta, limits));
  const tail = before.buckets.bounds[1];
  if (tail === undefined) return { ...before, buckets };
  // Of the requests whose time is known: those in no bucket are not fast ones.
  const pair: Pair = {
    canaryBad: slowerThan(canary, tail),
    controlBad: slowerThan(control, tail),
    canary: slowerThan(canary, -1),
    control: slowerThan(control, -1),
  };
  return { buckets, safe: stepCounts(before.safe, otherWay(pair), undefined, time, tailRule(meta)) };
}

const gaugeOf = ({ canary, baseline, stable }: Arms): { difference: number; placebo: number } | undefined => {
  const control = baseline.cpu ?? stable.cpu;
  if (canary.cpu === undefined || control === undefined) return undefined;
  return { difference: canary.cpu - control, placebo: control - (stable.cpu ?? control) };
};

function stepArms(before: StreamState, arms: Arms, time: Time, meta: StreamMeta, limits: EngineLimits): StreamState {
  const { canary, baseline, stable } = arms;
  const share = { canary: meta.share.canary, others: meta.share.baseline + meta.share.stable };
  const control = together(baseline, stable);
  const gap = latencySilenceOf(canary, control);
  const isGiven = meta.le.length > 0 && canary.buckets !== undefined && control.buckets?.length !== 0;
  const hasLatency = isGiven && gap === undefined;
  const gauge = gaugeOf(arms);
  const planned = plannedS(meta);
  return {
    ...before,
    errors: stepErrors(before.errors, arms, time, meta, limits),
    latency: hasLatency ? stepLatencyMetric(before.latency, arms, time, meta, limits) : before.latency,
    cpu: stepGauge(before.cpu, gauge, time, { margin: limits.marginGauge, plannedS: planned }),
    // At full exposure there is no split to test.
    split:
      control.n === 0 || share.others === 0
        ? before.split
        : stepSplit(before.split, { canary: canary.n, others: control.n }, share, time, planned),
    placebo: stepCounts(before.placebo, pairOf(baseline, stable), undefined, time, placeboRule(meta, limits)),
    latencyGap:
      gap === undefined || !(isGiven || before.seen.latency)
        ? null
        : { silence: gap, lastsS: (before.latencyGap?.lastsS ?? 0) + time.lengthS },
    seen: { latency: before.seen.latency || isGiven, cpu: before.seen.cpu || gauge !== undefined },
  };
}

/** What the same hour of the week says, where a tick tells of it. */
function seasonOf(
  before: StreamState,
  { canary, baseline, stable, sameHour }: StreamTick,
  time: Time,
  meta: StreamMeta,
  limits: EngineLimits,
): Pick<StreamState, 'season'> {
  if (!isArm(sameHour) || !isArm(canary)) return {};
  const control = together(isArm(baseline) ? baseline : noArm, isArm(stable) ? stable : noArm);
  const dispersion = countDispersion(before.errors.counts, errorRule(meta, limits), time.lengthS);
  const rule = { dispersion, plannedS: plannedS(meta) };
  return { season: stepSeason(before.season ?? startSeason(), { canary, control, sameHour }, time, rule) };
}

/** The state with one more tick, and what the tick did not say; a tick that cannot be compared changes no evidence. */
export function absorbTick(
  before: StreamState,
  tick: StreamTick,
  meta: StreamMeta,
  limits: EngineLimits,
): { readonly state: StreamState; readonly silence: Silence | undefined } {
  const silence = silenceOf(tick, before.atS);
  if (silence === 'stale') return { state: before, silence };
  const time = { atS: tick.t, lengthS: tick.t - before.atS };
  const passed = { ...before, atS: tick.t, ...seasonOf(before, tick, time, meta, limits) };
  // A control that stays away is gone for good, as after a full exposure: its record must do from then on.
  const isGone = silence === 'control absent' && before.silentS >= controlGoneS;
  if (silence !== undefined && silence !== 'no requests to the canary' && !isGone)
    return { state: { ...passed, silentS: before.silentS + time.lengthS }, silence };
  const arms: Arms = { canary: tick.canary ?? noArm, baseline: tick.baseline ?? noArm, stable: tick.stable ?? noArm };
  const state = stepArms(passed, arms, time, meta, limits);
  return { state: { ...state, silentS: silence === undefined ? 0 : before.silentS + time.lengthS }, silence };
}
