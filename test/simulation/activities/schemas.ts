import type { ReadSchemasInput, WatchSchemasInput } from '../../../src/activities/schema-drift';
import { Stopped, type Models } from './model';

/** What watches the schemas; nobody else changes them here. */
export const schemas: Models = {
  *readSchemas(_doing, input) {
    const { effects } = input as unknown as ReadSchemasInput;
    yield 'database';
    return Object.fromEntries(effects.map(({ effect }) => [effect.target, {}]));
  },
  *watchSchemas(doing, input) {
    const { forMs = Infinity, endedBy } = input as unknown as WatchSchemasInput;
    const untilMs = doing.nowMs() + forMs;
    for (;;) {
      if (doing.isCancelled() || !doing.attempt.isWanted()) throw new Stopped();
      if (endedBy !== undefined && doing.latestRelease() !== endedBy) return 'superseded';
      if (doing.nowMs() >= untilMs) return null;
      yield { restMs: Math.min(60_000, untilMs - doing.nowMs()) };
    }
  },
};
