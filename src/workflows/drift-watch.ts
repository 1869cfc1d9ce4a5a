import { condition, patched } from '@temporalio/workflow';
import {
  answerTo,
  isSetting,
  lastOfEach,
  pauseAfterDrift,
  type DriftRule,
  type DriftSeen,
  type DriftState,
} from '../core/drift/drift';
import type { SealedEffect } from '../core/plan/effects';
import type { Stage } from '../core/plan/stages';
import { plural } from '../core/plural';
import { createDriftNotes } from './drift-notes';
import { createDriftRepair } from './drift-repair';
import type { Run } from './run';
import { createSchemaWatch } from './schema-watch';
import { untilResumed } from './until-resumed';
import { watchInTurns } from './watch-in-turns';
import { createWatchScope } from './watch-scope';

const failed = (drifts: readonly DriftState[]): readonly DriftState[] =>
  drifts.filter(({ fault }) => fault !== undefined);

/** No setting reads as this. */
const toBeTold = '';

/** Looks after the flags, the configuration and the schemas that the release has changed, from then on until it turns back or is promoted. */
export function createDriftWatch(run: Run, flush: () => void) {
  const notes = createDriftNotes(run, flush);
  const schemas = createSchemaWatch(run, notes);
  const watch = createWatchScope();
  const repairs = createDriftRepair(run);
  let followed = '';

  const settings = (): readonly SealedEffect[] =>
    lastOfEach(
      run
        .state()
        .journal.filter(({ state }) => state === 'done')
        .map(({ effect }) => run.sealedEffect(effect))
        .filter(({ effect }) => isSetting(effect)),
    );

  /** What differs and is answered; for how long it is left alone then. */
  async function answer(sealed: SealedEffect, observed: string, wanted: DriftState['answer']): Promise<number> {
    const { key } = sealed.effect;
    notes.note(key, observed, wanted);
    if (wanted === 'tell') return 0;
    // A pause holds back what is set again too, and blinds nobody to the others.
    if (run.state().paused !== undefined && patched('watch-through-pauses')) return 0;
    await condition(() => run.state().paused === undefined || run.isGoingBack());
    if (run.isGoingBack()) return 0;
    await repairs.repair(sealed);
    const drift = run.state().drifts?.[key];
    if (drift?.fault !== undefined) notes.tell(key);
    return pauseAfterDrift(drift?.count ?? 0);
  }

  /** What is to be set again when the pause is over. */
  const waiting = (): readonly DriftState[] => notes.open('repair').filter(({ fault }) => fault === undefined);

  /**
   * What is known to differ and left as it is, or waits for the end of a pause; it stands in the state, so that no new run tells
   * it again. What could not be set again is to be told whatever it reads as: it may have been mended by hand.
   */
  const left = (): { readonly [effect: string]: string } => ({
    ...Object.fromEntries([...notes.open('tell'), ...waiting()].map(({ effect, observed }) => [effect, observed])),
    ...Object.fromEntries(failed(notes.open('repair')).map(({ effect }) => [effect, toBeTold])),
  });

  /** What was found before a new run began, and not answered yet. */
  function notAnswered(keys: readonly string[]): readonly DriftSeen[] {
    const open = notes.open('repair').filter(({ effect }) => keys.includes(effect));
    const isLooked = failed(open).length > 0 && patched('repair-after-a-look');
    return isLooked ? open.filter((drift) => !failed(open).includes(drift)) : open;
  }

  function guard(effects: readonly SealedEffect[], rule: DriftRule): Promise<unknown> {
    const watched = effects.map(({ effect }) => effect.key);
    return watchInTurns({
      keys: watched,
      look: async (keys, forMs) => {
        const [held] = waiting().filter(({ effect }) => keys.includes(effect));
        if (held !== undefined && run.state().paused === undefined) return held;
        const looked = () =>
          look(
            effects.filter(({ effect }) => keys.includes(effect.key)),
            forMs,
          );
        const seen = await (held === undefined ? looked() : untilResumed(run, looked));
        return run.isGoingBack() ? 'superseded' : seen;
      },
      async meet({ effect: key, observed }) {
        const sealed = run.sealedEffect(key);
        if (observed !== undefined && isSetting(sealed.effect))
          return answer(sealed, observed, answerTo(sealed.effect, rule));
        notes.over(key);
        return 0;
      },
      first: notAnswered(watched),
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

  /** The watch begins anew behind a stage that sets over what is watched. */
  function restSettings(stage: Stage): Promise<void> | undefined {
    if (followed === '' || stage.kind !== 'apply') return undefined;
    const before = settings();
    const all = [
      ...before,
      ...stage.effects.map((key) => run.sealedEffect(key)).filter(({ effect }) => isSetting(effect)),
    ];
    const left = lastOfEach(all);
    const over = before.filter((sealed) => !left.includes(sealed));
    if (over.length === 0) return undefined;
    followed = '';
    const keys = over.map(({ effect }) => effect.key);
    return watch.end().then(() => notes.forget(keys));
  }

  return {
    /** Whether something is being set again: a new run must not cut that. */
    isRepairing: repairs.isUnderWay,
    /** Watches everything that is set and migrated by now; nothing where the plan has no rule for it. */
    follow(): void {
      followSettings();
      schemas.follow();
    },
    /** Before a stage begins: what it migrates or sets again itself is no drift. */
    rest(stage: Stage): Promise<unknown> | undefined {
      const resting = [schemas.rest(stage), restSettings(stage)].filter((each) => each !== undefined);
      return resting.length === 0 ? undefined : Promise.all(resting);
    },
    /** Ends it, with what is being set again, so that nothing is written after the way back began. */
    async end(): Promise<void> {
      await Promise.all([watch.end(), schemas.end()]);
    },
  };
}

export type DriftWatch = ReturnType<typeof createDriftWatch>;
