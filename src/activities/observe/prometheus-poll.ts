import type { Reading } from '../../core/analysis/types';
import type { Slots } from '../../core/plan/effects';
import type { MetricRule } from '../../core/plan/plan';
import type { Ports } from '../ports';
import { readRule, startProgress, type PrometheusRule } from './prometheus-readings';

const isPrometheus = (rule: MetricRule): rule is PrometheusRule => rule.kind !== 'proxy-errors';

/** Reads Prometheus metrics beside the watch, each at its target's scrape interval; a slow answer delays nobody. */
export function createPrometheusPoll(ports: Ports, metrics: readonly MetricRule[], roles: Slots) {
  let fresh: { [metric: string]: Reading } = {};
  let isStopped = false;
  const running = new Set<string>();
  const progress = new Map(metrics.filter(isPrometheus).map((rule) => [rule.name, startProgress(ports.now())]));
  const dueAtMs = new Map<string, number>();

  async function read(rule: PrometheusRule): Promise<void> {
    const port = ports.metrics(rule.target);
    const found = await readRule(port, rule, roles, progress.get(rule.name) ?? startProgress(ports.now()));
    progress.set(rule.name, found.progress);
    if (!isStopped) fresh[rule.name] = found.reading;
  }

  return {
    /** What is new since the last call; starts the reads that are due. */
    take(nowMs: number): { readonly [metric: string]: Reading } {
      for (const rule of metrics.filter(isPrometheus)) {
        if (running.has(rule.name) || nowMs < (dueAtMs.get(rule.name) ?? 0)) continue;
        running.add(rule.name);
        dueAtMs.set(rule.name, nowMs + ports.scrapeIntervalMs(rule.target));
        void read(rule)
          .catch((error: unknown) => {
            fresh[rule.name] = {
              kind: 'missing',
              reason: 'error',
              detail: error instanceof Error ? error.message : String(error),
            };
          })
          .finally(() => running.delete(rule.name));
      }
      const taken = fresh;
      fresh = {};
      return taken;
    },
    stop(): void {
      isStopped = true;
    },
  };
}
