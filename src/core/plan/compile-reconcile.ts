import type { Descriptor } from '../descriptor/schema';
import type { Policy } from '../policy/schema';
import { repeated } from './repeated';
import type { ReconcileRule } from './reconcile';
import type { Refuse } from './refusal';
import type { ResolveTarget } from './targets';

/** The role of the policy whose members decide about data that an undo would lose. */
export const stewardRole = 'data-steward';

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

/** Who may choose that rows are lost: the role of the policy, else whom the descriptor names; nobody when neither does. */
export const compileStewards = (descriptor: Descriptor, policy: Policy): readonly string[] => {
  const { dataSteward } = descriptor.owners;
  return policy.roles[stewardRole] ?? (dataSteward === undefined ? [] : [dataSteward]);
};
