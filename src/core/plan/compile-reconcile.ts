import type { Descriptor } from '../descriptor/schema';
import { repeated } from './repeated';
import type { ReconcileRule } from './reconcile';
import type { Refuse } from './refusal';
import type { ResolveTarget } from './targets';

/** What is reconciled, over all migrations. */
export function compileReconcile(
  migrations: Descriptor['migrations'],
  resolveTarget: ResolveTarget,
  refuse: Refuse,
): readonly ReconcileRule[] {
  const rules = migrations.flatMap(({ id: migration, database: named, reconcile }): readonly ReconcileRule[] => {
    if (reconcile.length === 0) return [];
    const target = resolveTarget({ purpose: 'database', named, where: `Migration \`${migration}\`` });
    if (target === undefined) return [];
    return reconcile.map((rule) => ({ ...rule, id: `${migration}/${rule.id}`, migration, target }));
  });
  for (const id of repeated(rules.map((rule) => rule.id)))
    refuse({
      code: 'duplicate-reconcile',
      kind: 'invalid',
      message: `\`reconcile\` has \`${id}\` more than once.`,
      fix: 'Give every entry of a migration an id of its own.',
    });
  return rules;
}
