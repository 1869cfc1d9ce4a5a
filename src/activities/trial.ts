import type { SealedPlan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import { refuseTrials } from '../core/plan/refuse-trials';
import type { TrialReport } from '../core/plan/trial';
import { keepAlive } from './keep-alive';
import { checkSeal } from './preflight';
import type { Ports } from './ports';
import { tryMigrations } from './try-migrations';

/** What came of a trial, and what of it would refuse a start under the policy of the worker. */
export type TrialsFound = { readonly trials: readonly TrialReport[]; readonly refusals: readonly Refusal[] };

export const createTrialActivities = (ports: Ports) => ({
  /** For `spillway plan --trial`: the same that preflight does before a release. */
  tryUndos: ({ sealed }: { readonly sealed: SealedPlan }): Promise<TrialsFound> =>
    keepAlive(async (signal) => {
      checkSeal(ports, sealed);
      const trials = await tryMigrations(ports, sealed.plan, { release: sealed.seal.firstRunId, signal });
      return { trials, refusals: refuseTrials(trials, ports.policy) };
    }),
});
