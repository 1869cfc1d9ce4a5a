import { pauseAfterDrift, type DriftSeen } from '../../core/drift/drift';
import { schemaKey, targetOfSchema } from '../../core/drift/schema-drift';
import { plural } from '../../core/plural';
import type { EndingLeft, ReconcileInput } from '../reconcile';
import type { Connected } from '../retries';
import { watchInTurns } from '../watch-in-turns';
import type { EndingNews } from './news';

/** Tells what changes in the schemas that a release migrated, until a later release has begun; it is for their owners to answer. */
export async function keepSchemas(
  { permit, endedBy }: ReconcileInput,
  { kept, migrations, contract }: EndingLeft,
  { afterwards, news }: Pick<Connected, 'afterwards'> & { readonly news: EndingNews },
): Promise<'superseded'> {
  const counts = new Map<string, number>();
  const known = new Map<string, string>();
  const wanted = 'what the release left';
  // What differs from the snapshot by now was told already, by the release or by its proof.
  const left = await afterwards.readSchemas.executeWithOptions({ summary: 'read what the release left' }, [
    { permit, kept, effects: migrations, takesAll: true },
  ]);

  function meet({ effect: key, observed }: DriftSeen): Promise<number> {
    const count = (counts.get(key) ?? 0) + (observed === undefined ? 0 : 1);
    counts.set(key, count);
    if (observed === undefined) {
      known.delete(key);
      news.tell({ of: key, wanted, count });
      return Promise.resolve(0);
    }
    known.set(key, observed);
    news.tell({ of: key, observed, wanted, count, isLeft: true });
    return Promise.resolve(pauseAfterDrift(count));
  }

  return watchInTurns({
    keys: Object.keys(left).map(schemaKey),
    meet,
    look: (keys, forMs) => {
      const targets = keys.map((key) => targetOfSchema(key) ?? '');
      return afterwards.watchSchemas.executeWithOptions({ summary: `watch ${plural(targets.length, 'schema')}` }, [
        {
          permit,
          kept,
          left: Object.fromEntries(targets.map((target) => [target, left[target] ?? {}])),
          known: Object.fromEntries(known),
          beside: contract,
          endedBy,
          ...(forMs === undefined ? {} : { forMs }),
        },
      ]);
    },
  });
}
