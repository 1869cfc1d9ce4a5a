import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { answerTo, isSetting, pauseAfterDrift, sentenceOfDrift } from '../core/drift/drift';
import type { SealedEffect } from '../core/plan/effects';
import { causeOf, isActivityFault } from './faults';
import type { Run } from './run';

/** Looks after the flags and the configuration that the release has set, from then on until it turns back or is promoted. */
export function createDriftWatch(run: Run, flush: () => void) {
  let scope: CancellationScope | undefined;
  let guarding: Promise<void> = Promise.resolve();
  let watched = '';
  let isRepairing = false;

  const settings = (): readonly SealedEffect[] =>
    run
      .state()
      .journal.filter(({ state }) => state === 'done')
      .map(({ effect }) => run.sealedEffect(effect))
      .filter(({ effect }) => isSetting(effect));

  async function repair(sealed: SealedEffect): Promise<void> {
    const { effects } = run.activities;
    const { key, kind } = sealed.effect;
    const activity = kind === 'configure' ? effects.configure : effects.setFlag;
    isRepairing = true;
    try {
      await activity.executeWithOptions({ summary: `set ${key} again` }, [{ permit: run.permit(), sealed }]);
      run.record({ type: 'drift-answered', effect: key });
    } catch (error) {
      if (isCancellation(error) || !isActivityFault(error)) throw error;
      run.record({ type: 'drift-answered', effect: key, fault: causeOf(error).message });
    } finally {
      isRepairing = false;
    }
  }

  function tell(effect: string): void {
    const drift = run.state().drifts?.[effect];
    if (drift !== undefined) run.notify('held', `drift/${effect}/${drift.count}`, sentenceOfDrift(drift));
    flush();
  }

  /** What differs and is answered; how long until the next look. */
  async function answer(sealed: SealedEffect, observed: string): Promise<number> {
    const { effect } = sealed;
    const { drift: rule } = run.sealed().plan;
    if (rule === undefined) return 0;
    run.record({ type: 'drift-found', effect: effect.key, observed, answer: answerTo(effect, rule) });
    if (answerTo(effect, rule) === 'repair') await repair(sealed);
    tell(effect.key);
    return answerTo(effect, rule) === 'repair' ? pauseAfterDrift(run.state().drifts?.[effect.key]?.count ?? 0) : 0;
  }

  async function guard(effects: readonly SealedEffect[]): Promise<void> {
    const left: { [effect: string]: string } = {};
    for (;;) {
      const summary = `watch ${effects.map(({ effect }) => effect.key).join(', ')}`;
      const seen = await run.activities.afterwards.watchSettings.executeWithOptions({ summary }, [
        { permit: run.permit(), effects, known: { ...left } },
      ]);
      const sealed = effects.find(({ effect }) => effect.key === seen.effect);
      if (sealed === undefined || run.isGoingBack()) return;
      if (seen.observed === undefined) {
        Reflect.deleteProperty(left, seen.effect);
        run.record({ type: 'drift-answered', effect: seen.effect });
        continue;
      }
      const pauseMs = await answer(sealed, seen.observed);
      if (run.state().drifts?.[seen.effect]?.answer === 'tell') left[seen.effect] = seen.observed;
      if (pauseMs > 0) await sleep(pauseMs, { summary: 'something else writes it too' });
    }
  }

  return {
    /** Whether something is being set again: a new run must not cut that. */
    isRepairing: (): boolean => isRepairing,
    /** Watches everything that is set by now; nothing where the plan has no rule for it. */
    follow(): void {
      const effects = settings();
      const keys = effects.map(({ effect }) => effect.key).join(' ');
      if (run.sealed().plan.drift === undefined || keys === watched) return;
      watched = keys;
      scope?.cancel();
      guarding = CancellationScope.nonCancellable(() => {
        scope = new CancellationScope({ cancellable: true });
        return scope.run(() => guard(effects));
      }).catch((error: unknown) => {
        if (isCancellation(error)) return;
        if (!isActivityFault(error)) throw error;
        run.notify(
          'held',
          `drift/unwatched/${keys}`,
          `What ${keys} set is not watched any more: ${causeOf(error).message}`,
        );
        flush();
      });
    },
    /** Ends it, with what is being set again, so that nothing is written after the way back began. */
    async end(): Promise<void> {
      scope?.cancel();
      await guarding;
    },
  };
}

export type DriftWatch = ReturnType<typeof createDriftWatch>;
