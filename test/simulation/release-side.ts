import type { ReleaseState } from '../../src/core/release/state';
import type { Checker } from './checker/checker';
import type { HooksOfWorkflow } from './noted-hooks';
import type { RunView } from './server/setting';

/** Undefined where its code has not come to answer. */
const stateOf = (run: RunView): ReleaseState | undefined => run.query('state') as ReleaseState | undefined;

type Around = {
  readonly checker: Checker;
  readonly people: { look(state: ReleaseState): void };
  readonly losses: { recoverLater(): void };
};

/** The release itself, run by run: who judges it, who looks at it, and what is left of it when its run is lost. */
export function createReleaseSide({ checker, people, losses }: Around) {
  let last: RunView | undefined;
  let lostState: ReleaseState | undefined;

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
      if (closing.kind === 'terminated') {
        // A recovery that was cut off before it found the release says nothing of it.
        if (state?.sealed !== undefined) lostState = state;
        return checker.onLost(state);
      }
      if (state === undefined) return checker.fail(`it was closed before it began: ${JSON.stringify(closing)}`);
      checker.onClosed(closing, state);
      if (closing.kind !== 'continued' && checker.isStillLost()) losses.recoverLater();
    },
  };
  return {
    hooks,
    lostState: () => lostState,
    phase: (): string => (last === undefined ? undefined : stateOf(last)?.phase) ?? 'no state',
  };
}
