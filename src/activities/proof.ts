import { proveRestored, type Proof } from '../core/release/proof';
import type { SealedPlan } from '../core/plan/plan';
import type { Snapshot } from '../core/release/snapshot';
import { keepAlive } from './keep-alive';
import { checkSeal } from './preflight';
import type { Ports } from './ports';
import { readWorld } from './world';

export type ProveInput = {
  readonly sealed: SealedPlan;
  readonly snapshot: Snapshot;
  /** Keys of the effects that the journal holds. */
  readonly touched: readonly string[];
};

/** Reads the world back after a rollback and compares it with the snapshot. */
export const createProofActivities = (ports: Ports) => ({
  prove: ({ sealed, snapshot, touched }: ProveInput): Promise<Proof> =>
    keepAlive(async () => {
      checkSeal(ports, sealed);
      const now = await readWorld(ports, sealed.plan, snapshot.roles.baseline);
      const effects = sealed.plan.effects.filter(({ key }) => touched.includes(key));
      return proveRestored(snapshot, now, effects, sealed.seal.firstRunId);
    }),
});
