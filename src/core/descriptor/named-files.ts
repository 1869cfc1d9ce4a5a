import { describedParts } from '../plan/effects';
import type { DocumentPath } from './issue';
import type { Outline } from './outline';

export type NamedFile = {
  /** As the descriptor writes it, relative to the descriptor. */
  readonly path: string;
  /** Where the descriptor names it. */
  readonly namedAt: DocumentPath;
};

/** Every file a descriptor names, in its order; a file named twice comes twice. */
export function namedFiles({
  migrations,
  invariants,
}: Pick<Outline, 'migrations' | 'invariants'>): readonly NamedFile[] {
  const keys = ['sql', 'batch', 'undo', 'check', 'losses'] as const;
  const ofMigrations = migrations.flatMap((migration, index) => [
    ...describedParts.flatMap((part) =>
      keys.flatMap((key) => named(migration[part]?.[key], ['migrations', index, part, key])),
    ),
    ...migration.indexes.flatMap((file, at) => named(file, ['migrations', index, 'indexes', at])),
  ]);
  return [...ofMigrations, ...invariants.flatMap(({ query }, index) => named(query, ['invariants', index, 'query']))];
}

const named = (path: unknown, namedAt: DocumentPath): readonly NamedFile[] =>
  typeof path === 'string' ? [{ path, namedAt }] : [];
