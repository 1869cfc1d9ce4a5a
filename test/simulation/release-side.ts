import type { KnownState } from '../../src/activities/release-runs';
import type { ReleaseState } from '../../src/core/release/state';
import type { Checker } from './checker/checker';
import type { HooksOfWorkflow } from './noted-hooks';
import { firstRunId } from './plans';
import type { RunView } from './server/setting';

/** Undefined where its code has not come to answer. */
const stateOf = (run: RunView): ReleaseState | undefined => run.query('state') as ReleaseState | undefined;

/** A run that was cut off before its first task says nothing; the one before it then does. */
const remember = (before: KnownState | undefined, state: ReleaseState | undefined): KnownState | undefined =>
  state !== undefined ? { state, isNewest: true } : before && { ...before, isNewest: false };

type Around = {
  readonly checker: Checker;
  readonly people: { look(state: ReleaseState): void };
  readonly losses: { recoverLater(): void };
};

/** The release itself, run by run: who judges it, who looks at it, and what is left of it when its run is lost. */
export function createReleaseSide({ checker, people, losses }: Around) {
  let last: RunView | undefined;
  let known: KnownState | undefined;
  /** What the run before this one was, where this one goes on from it. */
  let before: ReleaseState | undefined;

  const hooks: HooksOfWorkflow = {
    afterTask(run) {
      last = run;
      const state = stateOf(run);
      if (state === undefined) return;
      checker.afterTask(state);
      people.look(state);
    },
    onScheduled: (task) => checker.onScheduled(task),
    onDelivered: (task, outcome) => checker.onDelivered(task, outcome),
    onHeard: (_run, name, payload) => checker.onHeard(name, payload),
    onMessage: (_run, name) => checker.onMessage(name),
    onClosed(run, closing) {
      const state = stateOf(run);
      // What recovers a release again asks the runs of that release, and none of an earlier recovery.
      if (run.firstRunId === firstRunId) known = remember(known, state);
      const latest = state ?? before;
      before = closing.kind === 'continued' ? state : undefined;
      if (closing.kind === 'terminated') return checker.onLost(latest);
      if (state === undefined) return checker.fail(`it was closed before it began: ${JSON.stringify(closing)}`);
      checker.onClosed(closing, state);
      if (closing.kind !== 'continued' && checker.isStillLost()) losses.recoverLater();
    },
  };
  return {
    hooks,
    /** What the history of the release says of it. */
    known: () => known,
    phase: (): string => (last === undefined ? undefined : stateOf(last)?.phase) ?? 'no state',
  };
}
