import type { Setting } from '../../core/combinations/setting';
import type { KeptRelease } from '../../core/evidence/kept';
import type { ReleaseRow } from '../../core/evidence/publication';
import type { KeptRow } from '../../ports/store';

type Sources = { readonly nowMs: () => number; readonly rowOf: (release: string) => ReleaseRow | undefined };

/** What was kept of each release, in memory. */
export function createKeptReleases({ nowMs, rowOf }: Sources) {
  const releases = new Map<string, { readonly kept: KeptRelease; readonly atMs: number; readonly place: number }>();
  const newestFirst = (environment: string, service: string) =>
    [...releases.values()]
      .filter(({ kept }) => kept.environment === environment && kept.service === service)
      .sort((a, b) => b.atMs - a.atMs || b.place - a.place);
  return {
    keep(kept: KeptRelease): void {
      const before = releases.get(kept.release);
      if (before !== undefined && kept.attempt < before.kept.attempt) return;
      const { atMs, place } = before ?? { atMs: nowMs(), place: releases.size };
      releases.set(kept.release, { kept: structuredClone(kept), atMs, place });
    },
    find: (release: string): KeptRelease | undefined => releases.get(release)?.kept,
    list: (environment: string, service: string, limit: number): readonly KeptRow[] =>
      newestFirst(environment, service)
        .slice(0, limit)
        .map(({ kept, atMs }) => {
          const { phase, endedAt } = rowOf(kept.release) ?? {};
          return {
            release: kept.release,
            version: kept.version,
            keptAt: new Date(atMs).toISOString(),
            ...(phase === undefined ? {} : { phase }),
            ...(endedAt === undefined ? {} : { endedAt }),
          };
        }),
    promotedSettings: (environment: string, service: string, limit: number): readonly (readonly Setting[])[] =>
      newestFirst(environment, service)
        .filter(({ kept }) => rowOf(kept.release)?.phase === 'Promoted')
        .slice(0, limit)
        .flatMap(({ kept }) => {
          const { combinations } = kept.sealed.plan;
          return combinations === undefined ? [] : [combinations.settings];
        }),
  };
}
