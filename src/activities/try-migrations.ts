import type { Plan } from '../core/plan/plan';
import { partsToTry, type TrialReport } from '../core/plan/trial';
import type { Ports } from './ports';

/** Tries the migrations of a plan on copies, one database after the other; nothing else is touched. */
export async function tryMigrations(
  ports: Ports,
  { effects, contract, invariants, targets }: Plan,
  by: { readonly release: string; readonly signal: AbortSignal },
): Promise<readonly TrialReport[]> {
  const reports: TrialReport[] = [];
  for (const target of targets.databases) {
    const parts = partsToTry(effects, contract, target);
    if (parts.effects.length + parts.contract.length === 0) continue;
    const asked = invariants.filter((each) => each.target === target).map(({ query }) => query);
    reports.push({ target, trial: await ports.database(target).trial({ ...parts, invariants: asked, ...by }) });
  }
  return reports;
}
