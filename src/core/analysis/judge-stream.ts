import { asJson, type Json } from '../json';
import { defaultLimits, type EngineLimits } from './limits';
import { startStream, stepStream } from './engine-tick';
import type { StreamDecision, StreamMeta, StreamTick } from './stream';

export type { EngineLimits } from './limits';

/** Judges a recorded stream tick by tick with the engine of the live watch; the state is plain data after every tick. */
export function createStreamJudge(meta: StreamMeta, limits: Partial<EngineLimits> = {}) {
  const all: EngineLimits = { ...defaultLimits, ...limits };
  let state = startStream(meta);
  return {
    step(tick: StreamTick): StreamDecision & { readonly culprits: readonly string[] } {
      const result = stepStream(state, tick, meta, all);
      state = result.state;
      return result.decision;
    },
    state: (): Json => asJson(state),
  };
}
