import { pauseAfterDrift, sentenceOfDrift, type DriftSeen } from '../core/drift/drift';
import { schemaKey, targetOfSchema, type SchemasLeft } from '../core/drift/schema-drift';
import type { SealedEffect } from '../core/plan/effects';
import type { Stage } from '../core/plan/stages';
import { plural } from '../core/plural';
import type { DriftNotes } from './drift-notes';
import { keptOf } from './kept';
import type { Run } from './run';
import { watchInTurns } from './watch-in-turns';
import { createWatchScope } from './watch-scope';

/** Looks after the schemas that the release has migrated while users are exposed. */
export function createSchemaWatch(run: Run, notes: DriftNotes) {
  const watch = createWatchScope();
  let followed = '';

  const isMigration = (key: string): boolean => run.sealedEffect(key).effect.kind === 'migrate';
  const migrates = (stage: Stage): boolean => stage.kind === 'apply' && stage.effects.some(isMigration);
  const done = (): readonly SealedEffect[] =>
    run
      .state()
      .journal.filter(({ effect, state }) => state === 'done' && isMigration(effect))
      .map(({ effect }) => run.sealedEffect(effect));

  /** Whether more parts run before the first user is exposed: until then nobody depends on what is there. */
  function isPreparing(): boolean {
    const { stages } = run.sealed().plan;
    const isLeft = ({ id }: Stage): boolean => run.state().stages.find((stage) => stage.id === id)?.state !== 'done';
    const begun = run
      .state()
      .stages.filter(({ state }) => state !== 'waiting')
      .map(({ id }) => id);
    if (stages.some((stage) => stage.kind === 'expose' && begun.includes(stage.id))) return false;
    const firstExposure = stages.findIndex(({ kind }) => kind === 'expose');
    return stages
      .slice(0, firstExposure)
      .some((stage) => migrates(stage) && isLeft(stage) && stage.id !== run.state().stage);
  }

  async function readLeft(effects: readonly SealedEffect[]): Promise<SchemasLeft> {
    const after = effects.map(({ effect }) => effect.key);
    const known = run.state().schemas;
    if (known?.after.join(' ') === after.join(' ')) return known.left;
    const left = await run.activities.afterwards.readSchemas.executeWithOptions(
      { summary: 'read what the migrations left' },
      [{ permit: run.permit(), kept: keptOf(run), effects }],
    );
    if (!run.isGoingBack()) run.record({ type: 'schemas-read', after, left });
    return left;
  }

  const known = (): { readonly [key: string]: string } =>
    Object.fromEntries(notes.open('tell').map(({ effect, observed }) => [effect, observed]));

  async function guard(effects: readonly SealedEffect[], answer: 'tell' | 'roll-back'): Promise<void> {
    const left = await readLeft(effects);
    const look = async (keys: readonly string[], forMs: number | undefined) => {
      if (run.isGoingBack()) return 'superseded';
      const targets = keys.map((key) => targetOfSchema(key) ?? '');
      const watched = Object.fromEntries(targets.map((target) => [target, left[target] ?? {}]));
      const seen = await run.activities.afterwards.watchSchemas.executeWithOptions(
        { summary: `watch ${plural(targets.length, 'schema')}` },
        [
          {
            permit: run.permit(),
            kept: keptOf(run),
            left: watched,
            known: known(),
            ...(forMs === undefined ? {} : { forMs }),
          },
        ],
      );
      return run.isGoingBack() ? 'superseded' : seen;
    };
    const meet = ({ effect, observed }: DriftSeen): Promise<number> => {
      if (observed === undefined) {
        notes.over(effect);
        return Promise.resolve(0);
      }
      notes.note(effect, observed, answer);
      const drift = run.state().drifts?.[effect];
      if (answer === 'roll-back' && drift !== undefined)
        run.turnBack({ code: 'SchemaChanged', reason: sentenceOfDrift(drift) });
      return Promise.resolve(pauseAfterDrift(drift?.count ?? 0));
    };
    await watchInTurns({ keys: Object.keys(left).map(schemaKey), look, meet });
  }

  return {
    /** Watches what the parts that ran by now left; nothing where the plan has no rule for it. */
    follow(): void {
      const answer = run.sealed().plan.drift?.schema;
      if (answer === undefined || isPreparing()) return;
      const effects = done();
      const keys = effects.map(({ effect }) => effect.key).join(' ');
      if (keys === followed) return;
      followed = keys;
      watch.begin(
        () => guard(effects, answer),
        (why) => notes.unwatched(keys, why),
      );
    },
    /** The release itself changes the schema now: what it does is no drift, and what others do meanwhile is found behind it. */
    rest: (stage: Stage): Promise<void> | undefined => {
      if (followed === '' || !migrates(stage)) return undefined;
      followed = '';
      return watch.end();
    },
    end: watch.end,
  };
}
