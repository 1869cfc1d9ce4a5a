import type { KeptRelease } from '../core/evidence/kept';
import { PortError } from '../ports/errors';
import type { StorePort } from '../ports/store';

type Store = Pick<StorePort, 'kept' | 'keptReleases'>;

const isName = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,62}$/.test(text);

/** Environment and service that a person means; undefined when it can only be a first run id. */
function placeOf(said: string, environment: string | undefined): readonly [string, string] | undefined {
  const parts = said.replace(/^release\//, '').split('/');
  const [first = '', second] = parts;
  if (parts.length === 2 && second !== undefined && isName(first) && isName(second)) return [first, second];
  return parts.length === 1 && isName(first) && environment !== undefined ? [environment, first] : undefined;
}

/**
 * What the store kept of a release: the newest of a service, of `environment/service`, or the one with that first run id.
 * @throws PortError `Rejected` when there is none.
 */
export async function findKept(store: Store, said: string, environment?: string): Promise<KeptRelease> {
  const place = placeOf(said, environment);
  const newest = place === undefined ? [] : await store.keptReleases(place[0], place[1], 1);
  const kept = await store.kept(newest[0]?.release ?? said);
  if (kept !== undefined) return kept;
  throw new PortError(
    'Rejected',
    `the store kept no release of ${JSON.stringify(said)}${place === undefined ? '' : ` in ${place[0]}`}: write environment/service, or the first run id of a release as \`select release from spillway_store.kept\` lists it`,
  );
}
