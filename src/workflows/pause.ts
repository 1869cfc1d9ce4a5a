import { CancellationScope, condition } from '@temporalio/workflow';
import type { Run } from './run';

/** Turns the release back when the present pause lasts longer than the plan allows; nobody waits for it. */
export function guardPause(run: Run): void {
  const { paused } = run.state();
  if (paused === undefined) return;
  const isOver = (): boolean => run.state().paused?.sinceMs !== paused.sinceMs;
  const leftMs = Math.max(1, paused.deadlineMs - Date.now());
  void CancellationScope.nonCancellable(async () => {
    if (await condition(isOver, leftMs, { summary: `longest pause, by ${paused.by}` })) return;
    run.turnBack({ code: 'PauseExpired', reason: `the pause of ${paused.by} lasted longer than the plan allows` });
  });
}
