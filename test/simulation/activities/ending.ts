import type { EndingInput } from '../../../src/activities/reconcile';
import { Fault, Stopped, type Models } from './model';
import { isSame, on, writeSplit } from './splits';

/** What keeps the split of an ending. */
export const ending: Models = {
  *restoreEnding(doing, input) {
    const { baseline, canary } = input.permit.roles;
    const { isPromoted, endedBy } = input as unknown as EndingInput;
    const end = isPromoted ? { baseline: canary, canary: baseline } : input.permit.roles;
    yield 'worker';
    if (doing.latestRelease() !== endedBy) return 'superseded';
    const wanted = on(end, 100, { weight: 0, state: 'maint' });
    yield* writeSplit(doing, wanted);
    yield 'proxy';
    if (!isSame(doing.world.split, wanted)) throw new Fault('NotConverged', 'another split', true);
    return 'restored';
  },
  /** Looks while the guard lasts; once a minute is enough here. */
  *watchEnding(doing, input) {
    const { baseline, canary } = input.permit.roles;
    const { isPromoted, endedBy } = input as unknown as EndingInput;
    const end = isPromoted ? { baseline: canary, canary: baseline } : input.permit.roles;
    const wanted = on(end, 100, { weight: 0, state: 'maint' });
    for (;;) {
      if (doing.isCancelled()) throw new Stopped();
      if (doing.latestRelease() !== endedBy) return { kind: 'superseded' };
      if (!isSame(doing.world.split, wanted)) return { kind: 'drift', observed: 'another split', wanted: 'the end' };
      if (!doing.attempt.isWanted()) throw new Stopped();
      yield { restMs: 60_000 };
    }
  },
};
