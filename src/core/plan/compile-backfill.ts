import type { BackfillRule } from '../backfill/rule';
import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { Effect } from './effects';
import type { MetricRule } from './plan';

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;
type Sources = {
  readonly descriptor: Pick<Descriptor, 'migrations' | 'noData'>;
  readonly metrics: readonly MetricRule[];
  readonly traffic: string | undefined;
};

/** The effect with how its backfill runs; every other effect as it is. */
export function withBackfillRule(effect: MigrateEffect, { descriptor, metrics, traffic }: Sources): MigrateEffect {
  const text = descriptor.migrations.find(({ id }) => id === effect.migration)?.backfill;
  if (effect.part !== 'backfill' || text === undefined) return effect;
  const { key, throttle } = text;
  const { holdFor, then } = descriptor.noData;
  const rules = metrics.filter(({ guardrail }) => guardrail);
  const seesProxy = traffic !== undefined && rules.some(({ kind }) => kind === 'proxy-errors');
  const backfill: BackfillRule = {
    ...(key === undefined ? {} : { key }),
    throttle: {
      statementMs: durationMs(throttle.statementTime),
      replicaLagMs: durationMs(throttle.replicaLag),
      restMs: durationMs(throttle.rest),
    },
    guard: { ...(seesProxy ? { traffic } : {}), rules },
    ...(then === 'hold' ? {} : { restAtMostMs: durationMs(holdFor) }),
  };
  return { ...effect, backfill };
}
