import type { Slot } from '../plan/effects';
import type { Plan } from '../plan/plan';
import type { Refusal } from '../plan/refusal';

type Role = { readonly baseline: Slot; readonly version: string; readonly release: string };

/** What the last promotion recorded and what serves now must be the same slot: else somebody moved users past Spillway. */
export function compareRole(plan: Plan, recorded: Role | undefined, serving: Slot): readonly Refusal[] {
  if (recorded === undefined || recorded.baseline === serving) return [];
  const { service, environment } = plan;
  return [
    {
      code: 'role-mismatch',
      kind: 'denied',
      message:
        `${plan.targets.traffic}: ${serving} serves ${service}, but the store has ${recorded.baseline} as its baseline ` +
        `since version ${recorded.version} was promoted (release ${recorded.release}): somebody moved users by hand, or a promotion was lost.`,
      fix:
        `Bring all traffic back to ${recorded.baseline}, or, where ${serving} is right, say so in the store: ` +
        `update spillway_store.roles set baseline = '${serving}' where environment = '${environment}' and service = '${service}'.`,
    },
  ];
}
