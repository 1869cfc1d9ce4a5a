import type { MetricsHistory, Stretch } from '../../adapters/metrics/prometheus-history';
import type { PrometheusRule } from '../../activities/observe/prometheus-readings';
import { readSlot } from '../../activities/observe/prometheus-readings';
import { upperBoundOfShare } from '../../core/analysis/share-bound';
import type { Slot } from '../../core/plan/effects';
import type { Plan } from '../../core/plan/plan';
import { isShareRule } from '../../core/plan/share-rule';
import { seededRandom } from '../../core/seeded-random';
import { instancesOf, type Arms } from './arms';
import type { MetricsPort } from '../../ports/metrics';
import { createPastMetrics, type Clock, type PastMetrics } from './history-port';
import { playRelease, type PlayedRelease } from './play-release';
import { slotSelectors } from './narrow-query';
import { createStableReader } from './stable-reader';

export type BacktestInput = {
  readonly plan: Plan;
  readonly history: MetricsHistory;
  readonly scrapeIntervalMs: number;
  readonly stretch: Stretch;
  /** From the start of one played release to the next; its own length when undefined. */
  readonly everyMs?: number | undefined;
  /** Label that tells instances of the service apart. */
  readonly label: string;
  readonly seed: number;
};

export type BacktestWindow = PlayedRelease &
  Stretch & {
    readonly slot: Slot;
    /** Instances that were there, and whether requests were dealt by chance because there were too few. */
    readonly instances: number;
    readonly isDealt: boolean;
    /** Metrics that nothing can be said of: a value of one instance, or one whose query hides where the slot stands. */
    readonly notJudged: readonly string[];
  };

export type BacktestSummary = {
  readonly windows: number;
  /** Windows with data to decide on. */
  readonly judged: number;
  readonly falseAlarms: number;
  readonly held: number;
  readonly promoted: number;
  readonly withoutData: number;
  /** False alarms of the judged windows, and the exact upper bound of 95 %; 1 when nothing was judged. */
  readonly rate: number | null;
  readonly upperBound: number;
};

const slots = ['blue', 'green'] as const;

/** Looks after the planned bakes in which the last verdicts may still come. */
const slackLooks = 5;

const isPrometheus = (rule: Plan['metrics'][number]): rule is PrometheusRule => rule.kind !== 'proxy-errors';

export const rulesOf = ({ metrics }: Plan): readonly PrometheusRule[] => metrics.filter(isPrometheus);

/** How long a release takes whose every stage passes at once. */
export const plannedMs = ({ stages }: Plan): number =>
  stages.reduce((sum, stage) => sum + (stage.kind === 'expose' ? stage.bakeMs : 0), 0);

/** The selectors a metric asks of a slot: what the live watch's reading of it would ask for. */
async function selectorsOf(rule: PrometheusRule, slot: Slot): Promise<readonly string[]> {
  if (rule.kind === 'compared') return slotSelectors(rule.query).map((text) => text.replaceAll('$slot', slot));
  const asked: string[] = [];
  const none = { kind: 'number', value: 0, atMs: 0 } as const;
  const port: MetricsPort = {
    value: () => Promise.resolve(none),
    increase: (selector) => {
      asked.push(selector);
      return Promise.resolve(none);
    },
    increaseBy: (selector) => {
      asked.push(selector);
      return Promise.resolve({ kind: 'sums', sums: {}, atMs: 0 });
    },
  };
  await readSlot(port, rule, slot, 0);
  return asked;
}

type Service = { readonly slot: Slot; readonly instances: readonly string[] };

/** The slot that had the most requests in a stretch is the stable one; without counts, the first that has values. */
async function findService(
  past: PastMetrics,
  rules: readonly PrometheusRule[],
  input: BacktestInput,
): Promise<Service> {
  const rule = rules.find(isShareRule) ?? rules.find(({ kind }) => kind === 'compared');
  if (rule === undefined) return { slot: 'blue', instances: [] };
  const port = past.portOf(() => true);
  const found = await Promise.all(
    slots.map(async (slot) => {
      const { reading } = await readSlot(port, rule, slot, input.stretch.fromMs);
      const [selector = ''] = await selectorsOf(rule, slot);
      const series = selector === '' ? undefined : await past.seriesOf(selector);
      const instances = series?.kind === 'series' ? instancesOf(series.series, input.label) : [];
      return { slot, instances, requests: reading.kind === 'counts' ? reading.requests : -1 };
    }),
  );
  const [most] = found.sort((a, b) => b.requests - a.requests || b.instances.length - a.instances.length);
  return most ?? { slot: 'blue', instances: [] };
}

/** A window in which no metric can be judged is no pass. */
function nothingPlayed({ stages }: Plan, { fromMs }: Stretch, names: readonly string[]): PlayedRelease {
  const stage = stages.find(({ kind }) => kind === 'expose')?.id ?? '';
  const reason = `${names.join(', ')}: there are no two arms to compare`;
  return { outcome: 'no-data', stage, atMs: fromMs, reason, blindLooks: 0, looks: 0 };
}

async function playWindow(input: BacktestInput, stretch: Stretch, number: number): Promise<BacktestWindow> {
  const { plan, scrapeIntervalMs, label, seed } = input;
  const clock: Clock = { nowMs: stretch.toMs };
  const past = createPastMetrics(input.history, { stretch, clock, scrapeIntervalMs });
  const all = rulesOf(plan);
  const { slot, instances } = await findService(past, all, { ...input, stretch });
  const isDealt = instances.length < 2;
  // Requests can be dealt to two arms, a value cannot.
  const isJudged = (rule: PrometheusRule): boolean =>
    rule.kind !== 'compared' || (!isDealt && slotSelectors(rule.query).length > 0);
  const rules = all.filter(isJudged);
  const notJudged = all.filter((rule) => !isJudged(rule)).map(({ name }) => name);
  const seen = { ...stretch, slot, instances: instances.length, isDealt, notJudged };
  if (rules.length === 0) return { ...nothingPlayed(plan, stretch, notJudged), ...seen };
  const arms: Arms = isDealt
    ? { kind: 'dealt', random: seededRandom(seed + number) }
    : { kind: 'instances', label, instances, first: number % instances.length };
  const reader = createStableReader(past, { rules, slot, arms, startMs: stretch.fromMs });
  const stages = plan.stages.flatMap((stage) => (stage.kind === 'expose' ? [stage] : []));
  const roles = { baseline: slot, canary: slot === 'blue' ? 'green' : 'blue' } as const;
  const watch = { roles, stages, metrics: rules, noData: plan.noData, risk: plan.risk };
  const played = await playRelease(reader, watch, { clock, stretch, stepMs: scrapeIntervalMs });
  return { ...played, ...seen };
}

/** Plays the plan's release of nothing new again and again over the history, one stretch after the other. */
export async function* runBacktest(input: BacktestInput): AsyncGenerator<BacktestWindow, void, void> {
  const lengthMs = plannedMs(input.plan) + slackLooks * input.scrapeIntervalMs;
  const everyMs = input.everyMs ?? lengthMs;
  const { fromMs, toMs } = input.stretch;
  for (let [startMs, number] = [fromMs, 0]; startMs + lengthMs <= toMs; startMs += everyMs, number += 1)
    yield playWindow(input, { fromMs: startMs, toMs: startMs + lengthMs }, number);
}

/** How often the policy cried wolf, of the windows that had data. */
export function summarise(windows: readonly BacktestWindow[]): BacktestSummary {
  const count = (outcome: PlayedRelease['outcome']): number =>
    windows.filter((window) => window.outcome === outcome).length;
  const [falseAlarms, withoutData] = [count('rolled-back'), count('no-data')];
  const judged = windows.length - withoutData;
  return {
    windows: windows.length,
    judged,
    falseAlarms,
    held: count('held'),
    promoted: count('promoted'),
    withoutData,
    rate: judged === 0 ? null : falseAlarms / judged,
    upperBound: upperBoundOfShare(falseAlarms, judged, 0.95),
  };
}
