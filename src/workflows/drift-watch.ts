import { condition, isCancellation } from '@temporalio/workflow';
import { answerTo, isSetting, lastOfEach, pauseAfterDrift, type DriftRule, type DriftState } from '../core/drift/drift';
import type { SealedEffect } from '../core/plan/effects';
import { plural } from '../core/plural';
import { createDriftNotes } from './drift-notes';
import { causeOf, isActivityFault } from './faults';
import type { Run } from './run';
import { createSchemaWatch } from './schema-watch';
import { watchInTurns } from './watch-in-turns';
import { createWatchScope } from './watch-scope';

/** Looks after the flags, the configuration and the schemas that the release has changed, from then on until it turns back or is promoted. */
export function createDriftWatch(run: Run, flush: () => void) {
  const notes = createDriftNotes(run, flush);
  const schemas = createSchemaWatch(run, notes);
  const watch = createWatchScope();
  let followed = '';
  let repairs = 0;

  const settings = (): readonly SealedEffect[] =>
    lastOfEach(
      run
        .state()
        .journal.filter(({ state }) => state === 'done')
        .map(({ effect }) => run.sealedEffect(effect))
        .filter(({ effect }) => isSetting(effect)),
    );

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

  /** What differs and is answered; for how long it is left alone then. */
  async function answer(sealed: SealedEffect, observed: string, wanted: DriftState['answer']): Promise<number> {
    const { key } = sealed.effect;
    notes.note(key, observed, wanted);
    if (wanted === 'tell') return 0;
    // A pause holds back what is set again too.
    await condition(() => run.state().paused === undefined || run.isGoingBack());
    if (run.isGoingBack()) return 0;
    await repair(sealed);
    const drift = run.state().drifts?.[key];
    if (drift?.fault !== undefined) notes.tell(key);
    return pauseAfterDrift(drift?.count ?? 0);
  }

  /** What is known to differ and left as it is; it stands in the state, so that no new run tells it again. */
  const left = (): { readonly [effect: string]: string } =>
    Object.fromEntries(notes.open('tell').map(({ effect, observed }) => [effect, observed]));

  function guard(effects: readonly SealedEffect[], rule: DriftRule): Promise<unknown> {
    return watchInTurns({
      keys: effects.map(({ effect }) => effect.key),
      look: async (keys, forMs) => {
        const seen = await look(
          effects.filter(({ effect }) => keys.includes(effect.key)),
          forMs,
        );
        return run.isGoingBack() ? 'superseded' : seen;
      },
      async meet({ effect: key, observed }) {
        const sealed = run.sealedEffect(key);
        if (observed !== undefined && isSetting(sealed.effect))
          return answer(sealed, observed, answerTo(sealed.effect, rule));
        notes.over(key);
        return 0;
      },
      first: notes.open('repair'),
    });
  }

  const look = (effects: readonly SealedEffect[], forMs: number | undefined) =>
    run.activities.afterwards.watchSettings.executeWithOptions(
      { summary: `watch ${plural(effects.length, 'setting')}` },
      [{ permit: run.permit(), effects, known: left(), ...(forMs === undefined ? {} : { forMs }) }],
    );

  function followSettings(): void {
    const effects = settings();
    const keys = effects.map(({ effect }) => effect.key).join(' ');
    const rule = run.sealed().plan.drift;
    if (rule === undefined || keys === followed) return;
    followed = keys;
    watch.begin(
      () => guard(effects, rule),
      (why) => notes.unwatched(keys, why),
    );
  }

  return {
    /** Whether something is being set again: a new run must not cut that. */
    isRepairing: (): boolean => repairs > 0,
    /** Watches everything that is set and migrated by now; nothing where the plan has no rule for it. */
    follow(): void {
      followSettings();
      schemas.follow();
    },
    /** Before a stage begins: what it migrates itself is no drift. */
    rest: schemas.rest,
    /** Ends it, with what is being set again, so that nothing is written after the way back began. */
    async end(): Promise<void> {
      await Promise.all([watch.end(), schemas.end()]);
    },
  };
}

export type DriftWatch = ReturnType<typeof createDriftWatch>;
