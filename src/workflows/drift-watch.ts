import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { answerTo, isSetting, pauseAfterDrift, sentenceOfDrift, type DriftState } from '../core/drift/drift';
import type { SealedEffect } from '../core/plan/effects';
import { plural } from '../core/plural';
import { causeOf, isActivityFault } from './faults';
import type { Run } from './run';

/** Looks after the flags and the configuration that the release has set, from then on until it turns back or is promoted. */
export function createDriftWatch(run: Run, flush: () => void) {
  let scope: CancellationScope | undefined;
  let guarding: Promise<void> = Promise.resolve();
  let watched = '';
  let repairs = 0;

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
    repairs += 1;
    try {
      await activity.executeWithOptions({ summary: `set ${key} again` }, [{ permit: run.permit(), sealed }]);
      run.record({ type: 'drift-answered', effect: key });
    } catch (error) {
      if (isCancellation(error) || !isActivityFault(error)) throw error;
      run.record({ type: 'drift-answered', effect: key, fault: causeOf(error).message });
    } finally {
      repairs -= 1;
    }
  }

  function tell(effect: string): void {
    const drift = run.state().drifts?.[effect];
    if (drift === undefined) return;
    const fact = `drift/${effect}/${drift.count}${drift.fault === undefined ? '' : '/fault'}`;
    run.notify('held', fact, sentenceOfDrift(drift));
    flush();
  }

  /** Kept and told, unless it was found before a new run began and nobody has answered it yet. */
  function note(effect: string, observed: string, answer: DriftState['answer']): void {
    const known = run.state().drifts?.[effect];
    if (known?.observed === observed && known.endedAtMs === undefined && known.fault === undefined) return;
    run.record({ type: 'drift-found', effect, observed, answer });
    tell(effect);
  }

  /** What differs and is answered; how long until the next look. */
  async function answer(sealed: SealedEffect, observed: string): Promise<number> {
    const { key } = sealed.effect;
    const { drift: rule } = run.sealed().plan;
    const wanted = rule === undefined ? 'tell' : answerTo(sealed.effect, rule);
    note(key, observed, wanted);
    if (wanted === 'tell') return 0;
    // A pause holds back what is set again too.
    await condition(() => run.state().paused === undefined || run.isGoingBack());
    if (run.isGoingBack()) return 0;
    await repair(sealed);
    const drift = run.state().drifts?.[key];
    if (drift?.fault !== undefined) tell(key);
    return pauseAfterDrift(drift?.count ?? 0);
  }

  const openOnes = (wanted: DriftState['answer']): readonly DriftState[] =>
    Object.values(run.state().drifts ?? {}).filter((drift) => drift.answer === wanted && drift.endedAtMs === undefined);

  async function guard(effects: readonly SealedEffect[]): Promise<void> {
    // What was told and left in an earlier run, or before more was set, is not told again; what was not set again yet, is.
    const left = Object.fromEntries(openOnes('tell').map(({ effect, observed }) => [effect, observed]));
    for (const { effect, observed } of openOnes('repair')) await answer(run.sealedEffect(effect), observed);
    for (;;) {
      const summary = `watch ${plural(effects.length, 'setting')}`;
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
    isRepairing: (): boolean => repairs > 0,
    /** Watches everything that is set by now; nothing where the plan has no rule for it. */
    follow(): void {
      const effects = settings();
      const keys = effects.map(({ effect }) => effect.key).join(' ');
      if (run.sealed().plan.drift === undefined || keys === watched) return;
      watched = keys;
      scope?.cancel();
      const earlier = guarding;
      const guarded = CancellationScope.nonCancellable(() => {
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
      guarding = Promise.all([earlier, guarded]).then(() => undefined);
    },
    /** Ends it, with what is being set again, so that nothing is written after the way back began. */
    async end(): Promise<void> {
      scope?.cancel();
      await guarding;
    },
  };
}

export type DriftWatch = ReturnType<typeof createDriftWatch>;
