import type { Json } from '../json';
import { decide } from './decide';
import { absorb, startEngine } from './engine';
import { judge } from './judge';
import type { StreamDecision, StreamMeta, StreamTick } from './stream';
import type { Counts } from './types';

/** STAND-IN until the branch of the engine is merged: today's decision function on the errors alone. */
export type EngineLimits = {
  readonly alpha: number;
  readonly alphaHold: number;
  readonly beta: number;
  readonly alphaSplit: number;
  readonly marginRatio: number;
};

const rules = [
  { name: 'errors', guardrail: true, kind: 'proxy-errors', limit: { kind: 'margin', share: 0.005 } },
] as const;

export function createStreamJudge(meta: StreamMeta, _limits: Partial<EngineLimits> = {}) {
  let engine = absorb(startEngine(), { atMs: 0, readings: { errors: { kind: 'counts', ...none() } } });
  let { canary, baseline } = none();
  let missingSinceS: number | undefined;
  return {
    step(tick: StreamTick): StreamDecision & { readonly culprits: readonly string[]; readonly isWaiting?: boolean } {
      const atMs = tick.t * 1_000;
      const control = [tick.baseline, tick.stable].flatMap((arm) => (arm ? [arm] : []));
      const isMissing = !tick.canary || control.length === 0;
      if (tick.canary) canary = { total: canary.total + tick.canary.n, bad: canary.bad + tick.canary.err };
      for (const { n, err } of control) baseline = { total: baseline.total + n, bad: baseline.bad + err };
      missingSinceS = isMissing ? (missingSinceS ?? tick.t - meta.tickS) : undefined;
      engine = absorb(engine, {
        atMs,
        readings: {
          errors: isMissing
            ? { kind: 'missing', reason: 'empty', detail: 'no counts' }
            : { kind: 'counts', canary, baseline },
        },
      });
      const decision = decide({
        verdicts: judge(engine, rules, { minRequests: 100, isFull: false }),
        bakedMs: atMs,
        bakeMs: meta.tickS * meta.ticks * 1_000,
        missingForMs: missingSinceS === undefined ? 0 : (tick.t - missingSinceS) * 1_000,
        noData: { holdForMs: 600_000, then: 'hold' },
        takenOutForMs: 0,
        inconclusiveForMs: 0,
      });
      const isWaiting = decision.action === 'hold' && (decision.why === 'baking' || decision.why === 'evidence');
      const { action, reason } = decision;
      return { action, reason, culprits: action === 'roll-back' ? ['errors'] : [], isWaiting };
    },
    state: (): Json => ({}),
  };
}

const none = (): { readonly canary: Counts; readonly baseline: Counts } => ({
  canary: { total: 0, bad: 0 },
  baseline: { total: 0, bad: 0 },
});
