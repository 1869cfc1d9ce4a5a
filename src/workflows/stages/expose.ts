import type { ExposeStage } from '../../core/plan/stages';
import type { Run } from '../run';
import type { Watch } from '../watch';
import { assertForward, waitFor, whileUnpaused } from '../wait';

/** Shifts traffic and waits until the evidence lets the stage advance. */
export async function runExpose(run: Run, stage: ExposeStage, watch: Watch): Promise<string> {
  const { plan } = run.sealed();
  const key = `expose/${plan.service}`;
  await whileUnpaused(run);
  run.record({ type: 'effect-intended', effect: key, title: 'expose the canary' });
  watch.start(stage.id);
  const { canaryPercent, cohorts } = stage;
  // Scheduled behind the watch, so that nobody is exposed unobserved.
  const detail = await run.activities.effects.exposeCanary.executeWithOptions(
    { summary: canaryPercent === 0 ? stage.title : `canary → ${canaryPercent} %` },
    [
      {
        permit: run.permit(),
        sealed: run.sealedEffect(key),
        canaryPercent,
        ...(cohorts === undefined ? {} : { cohorts }),
      },
    ],
  );
  run.record({ type: 'effect-done', effect: key, detail });
  assertForward(run);
  await waitUntilReady(run, stage);
  return run.state().watch?.reason ?? 'ready';
}

/** Ready: the watch says advance, nobody paused it, and the time it was paused has been baked after all. */
async function waitUntilReady(run: Run, stage: ExposeStage): Promise<void> {
  const readyAtMs = (): number | undefined => {
    const { watch, paused, stagePausedMs, splitLost } = run.state();
    const says =
      watch?.stageId === stage.id && watch.class === 'advance' && paused === undefined && splitLost === undefined;
    return says ? watch.sinceMs + stagePausedMs : undefined;
  };
  for (;;) {
    await waitFor(run, () => readyAtMs() !== undefined);
    const atMs = readyAtMs();
    if (atMs === undefined) continue;
    const leftMs = atMs - Date.now();
    if (leftMs <= 0) return;
    await waitFor(run, () => readyAtMs() === undefined, leftMs, `bake what the pause took from ${stage.id}`);
  }
}
