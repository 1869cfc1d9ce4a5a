import type { Plan } from '../plan/plan';
import type { Refusal } from '../plan/refusal';
import type { LineageEntry } from './lineage';

/**
 * Code and data go back together: a version that came before a migration whose contract has removed the old form would read
 * what is gone. `seenAt` says when releases of the version were begun, ISO 8601.
 */
export function checkLineage(
  { service, version, effects, contract }: Pick<Plan, 'service' | 'version' | 'effects' | 'contract'>,
  entries: readonly LineageEntry[],
  seenAt: readonly string[],
): readonly Refusal[] {
  const declared = new Set(
    [...effects, ...contract].flatMap((effect) => (effect.kind === 'migrate' ? [effect.migration] : [])),
  );
  const own = entries.filter((entry) => entry.version === version);
  const [firstSeen] = [...seenAt, ...own.map(({ at }) => at)].sort();
  if (firstSeen === undefined) return [];
  const contracted = entries.filter(({ parts, undoneAt }) => parts.includes('contract') && undoneAt === undefined);
  const gone = [...new Set(contracted.map(({ migration }) => migration))].filter((migration) => {
    const [begun] = entries.flatMap((entry) => (entry.migration === migration ? [entry.at] : [])).sort();
    const isKnown = declared.has(migration) || own.some((entry) => entry.migration === migration);
    return !isKnown && begun !== undefined && firstSeen < begun;
  });
  return gone.map((migration) => {
    const by = contracted.find((entry) => entry.migration === migration);
    return {
      code: 'lineage-broken',
      kind: 'denied',
      message:
        `Version ${version} of ${service} is older than migration \`${migration}\`, and the contract of that migration ` +
        `(version ${by?.version ?? 'unknown'}) has removed the old form: ${version} would read what is gone.`,
      fix:
        'Release a version that was built for it, under a version of its own; or bring the old form back first ' +
        '(`spillway kept`, `spillway restore-kept`) and declare what keeps it filled.',
    };
  });
}
