import { createPrometheusHistory, type MetricsHistory } from '../adapters/metrics/prometheus-history';
import { forecastPlan } from '../core/analysis/forecast-plan';
import { shareRules } from '../core/plan/share-rule';
import { durationMs } from '../core/duration';
import type { Environment } from '../core/environment/schema';
import { placeOf } from '../core/plan/compile-preset';
import type { Plan } from '../core/plan/plan';
import { readTraffic } from './read-traffic';
import type { Forecast } from './render/forecast';

/** How far back the traffic of a forecast is read where nothing else is asked for. */
export const forecastOver = '3h';

/** The past that the service's metrics system has kept, or undefined where the environment names none. */
function historyOf(environment: Environment, service: string): MetricsHistory | undefined {
  const name = environment.services[service]?.metrics;
  const target = name === undefined ? undefined : environment.targets[name];
  if (target?.kind !== 'prometheus') return undefined;
  return createPrometheusHistory({ url: target.url, timeoutMs: durationMs(target.timeout) });
}

/** What each stage of a plan can find at the traffic before now; undefined where there is no metrics system to ask. */
export async function forecast(
  plan: Plan,
  environment: Environment,
  { overMs, nowMs }: { readonly overMs: number; readonly nowMs: number },
): Promise<Forecast | undefined> {
  const history = historyOf(environment, plan.service);
  if (history === undefined) return undefined;
  const place = placeOf(environment, plan.service);
  const over = { fromMs: nowMs - overMs, toMs: nowMs };
  const found = await Promise.all(
    shareRules(plan.metrics).map(async (rule) => [rule.name, await readTraffic(history, rule, place, over)] as const),
  );
  const traffic = Object.fromEntries(found.flatMap(([name, one]) => ('traffic' in one ? [[name, one.traffic]] : [])));
  const missing = Object.fromEntries(found.flatMap(([name, one]) => ('missing' in one ? [[name, one.missing]] : [])));
  return { overMs, traffic, missing, stages: forecastPlan(plan, traffic) };
}
