import { asJson, type Json } from '../json';
import { defaultLimits, type EngineLimits } from './limits';
import { absorbTick } from './engine-tick';
import { decideStream, type Culprits } from './stream-decision';
import { startStream } from './stream-state';
import { viewStream, type MetricView } from './stream-view';
import type { StreamDecision, StreamMeta, StreamTick } from './stream';

export type { EngineLimits } from './limits';

/** Judges a stream tick by tick; the state is plain data after every tick. */
export function createStreamJudge(meta: StreamMeta, limits: Partial<EngineLimits> = {}) {
  const all: EngineLimits = { ...defaultLimits, ...limits };
  let state = startStream();
  return {
    step(tick: StreamTick): StreamDecision & Culprits {
      const seen = absorbTick(state, tick, meta, all);
      state = seen.state;
      return decideStream(state, seen.silence, meta, all);
    },
    /** Evidence and interval of each metric after the last tick. */
    metrics: (): readonly MetricView[] => viewStream(state, all),
    state: (): Json => asJson(state),
  };
}
