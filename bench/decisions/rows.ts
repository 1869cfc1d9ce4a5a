import { limitS, lateLimitS, retryDispersion } from './limit';
import { durationS, healthyErrors, scenario, type Scenario } from './streams/scenario';

/** Share of false rollbacks that the rules promise. */
export const alpha = 0.01;

const perSecond = { tickS: 1, ticks: 300 };
const fiveASecond = { tickS: 0.2, ticks: 300 };

const clean = (rps: number, different: Partial<Scenario> = {}): Scenario =>
  scenario({ name: 'clean', rps, ...different });
const incident = (rps: number, different: Partial<Scenario> = {}): Scenario =>
  scenario({ name: 'shared incident', rps, hasIncident: true, ...different });
const benign = (rps: number, different: Partial<Scenario> = {}): Scenario =>
  scenario({ name: 'benign +2 % errors, +0.5 % latency', rps, errorRatio: 1.02, slowerBy: 0.005, ...different });

/** Streams in which every rollback is false. */
export const cleanRows: readonly Scenario[] = [
  ...[0.2, 1, 20, 500, 5_000].map((rps) => clean(rps)),
  ...[1, 20, 500, 5_000].map((rps) => incident(rps)),
  ...[20, 500, 5_000].map((rps) => benign(rps)),
  ...[1, 20, 500, 5_000].map((rps) => clean(rps, perSecond)),
  incident(500, perSecond),
  benign(500, perSecond),
  ...[20, 500, 5_000].map((rps) => clean(rps, fiveASecond)),
  incident(500, fiveASecond),
  benign(500, fiveASecond),
  clean(100, { name: 'clean, 30 % canary', share: { canary: 0.3, baseline: 0.3, stable: 0.4 } }),
  clean(500, {
    name: 'clean, 2 % canary, noise × 1.5',
    share: { canary: 0.02, baseline: 0.02, stable: 0.96 },
    noise: 1.5,
  }),
];

const errors = (share: number, rps: number, different: Partial<Scenario> = {}): Scenario =>
  scenario({ name: `errors 0.1 → ${100 * share} %`, rps, kind: 'bad', canaryErrors: share, ...different });
const late = (rps: number): Scenario => errors(0.01, rps, { name: 'errors → 1 % from minute 30', onsetS: 1_800 });

export const errorRows: readonly Scenario[] = [
  ...[0.002, 0.005, 0.01, 0.05, 0.5].flatMap((share) => [1, 20, 500].map((rps) => errors(share, rps))),
  late(20),
  late(500),
  ...[0.005, 0.01, 0.05].map((share) => errors(share, 500, perSecond)),
  errors(0.5, 20, perSecond),
  errors(0.01, 5_000, fiveASecond),
  errors(0.5, 500, fiveASecond),
];

/** 5 % errors at one request a second. */
export const lowTraffic = errors(0.05, 1);

const slower = (tailFactor: number, rps: number, different: Partial<Scenario> = {}): Scenario =>
  scenario({
    name: `p99 ${tailFactor === 2 ? '× 2' : `+${Math.round(100 * (tailFactor - 1))} %`}`,
    rps,
    kind: 'bad',
    tailFactor,
    ...different,
  });

export const latencyRows: readonly Scenario[] = [
  ...[1.05, 1.2, 2].flatMap((tailFactor) => [1, 20, 500].map((rps) => slower(tailFactor, rps))),
  slower(1.2, 500, perSecond),
  slower(2, 500, perSecond),
];

export const cpuRow = scenario({ name: 'CPU +12 points an hour', rps: 20, kind: 'bad', cpuPerHour: 0.12 });

export const splitRows: readonly { readonly scenario: Scenario; readonly mostS: number }[] = [
  { rps: 20, mostS: 480 },
  { rps: 500, mostS: 60 },
].map(({ rps, mostS }) => ({
  scenario: scenario({ name: 'canary gets 20 % too little', rps, kind: 'split', trafficRatio: 0.8 }),
  mostS,
}));

/** Streams whose error ratio is known at every moment. */
export const coverageRows: readonly Scenario[] = [
  clean(20),
  clean(500),
  clean(500, { name: 'errors × 2', errorRatio: 2 }),
  clean(20, { name: 'errors × 5', errorRatio: 5 }),
];

/** What a rule can do at best: ln(1/α) over the information, times the dispersion of retries for errors. */
export function bestDelayS(bad: Scenario): number {
  const dispersion = bad.canaryErrors > healthyErrors ? retryDispersion : 1;
  return bad.onsetS > 0 ? lateLimitS(bad, alpha, dispersion) : dispersion * limitS(bad, alpha);
}

/** The longest delay that `times` the limit allows, rounded up to the tick at whose end a rule can first answer; undefined
 * where not even that is within the stream. */
export function mostDelayS(bad: Scenario, times: number): number | undefined {
  const ticks = Math.max(1, Math.ceil((times * bestDelayS(bad)) / bad.tickS - 1e-9));
  return ticks * bad.tickS <= durationS(bad) - bad.onsetS ? ticks * bad.tickS : undefined;
}

/** Whether a rule can do no better than answer at the first tick. */
export const isTickBound = (bad: Scenario, times: number): boolean => mostDelayS(bad, times) === bad.tickS;
