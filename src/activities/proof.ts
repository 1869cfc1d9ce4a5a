import { proveRestored, type Proof } from '../core/release/proof';
import { bandLimit, isOutOfBand, type Answers, type Rebound } from '../core/release/band';
import type { SealedPlan } from '../core/plan/plan';
import type { OldFormChange } from '../core/release/reconciliation';
import type { Snapshot } from '../core/release/snapshot';
import { bandRules } from '../core/release/guardrail-band';
import { lookBack } from './guardrail-band';
import { keepAlive } from './keep-alive';
import { thrownIn } from './kill-switch';
import { checkSnapshot, type KeptSnapshot } from './permit';
import { checkSeal } from './preflight';
import type { Ports } from './ports';
import { readErrors, readWorld } from './world';

export type ProveInput = {
  readonly sealed: SealedPlan;
  readonly kept: KeptSnapshot;
  /** Keys of the effects that the journal holds. */
  readonly touched: readonly string[];
  /** Those that are known to have been done; left out by older workflows, which leave no kill switch as others threw it. */
  readonly written?: readonly string[];
};

const partMs = 1_000;

/** Watches the baseline for the declared time; what is out of band is told at once. */
async function watchRebound(
  ports: Ports,
  plan: SealedPlan['plan'],
  { roles, world }: Snapshot,
  signal: AbortSignal,
): Promise<Rebound> {
  const { backInBandMs } = plan.rollbackModes;
  const limit = bandLimit(world.baselineErrors);
  const parts: Answers[] = [];
  let watchedMs = 0;
  while (watchedMs < backInBandMs) {
    signal.throwIfAborted();
    const forMs = Math.min(partMs, backInBandMs - watchedMs);
    const part = await readErrors(ports, plan, roles.baseline, forMs);
    parts.push(part);
    watchedMs += forMs;
    if (part.isDown === true || isOutOfBand(part, limit)) break;
  }
  return { parts, watchedMs };
}

/** The old form of what was undone, as it was right before and as it is now; without a rule there is nothing to read. */
async function readOldForms(ports: Ports, { plan, seal }: SealedPlan): Promise<readonly OldFormChange[]> {
  const changes: OldFormChange[] = [];
  for (const rule of plan.reconcile ?? []) {
    const change = await ports.database(rule.target).readOldForm(rule, seal.firstRunId);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

/** Reads the world back after a rollback and compares it with the snapshot. */
export const createProofActivities = (ports: Ports) => ({
  prove: ({ sealed, kept, touched, written }: ProveInput): Promise<Proof> =>
    keepAlive(async (signal) => {
      checkSeal(ports, sealed);
      checkSnapshot(ports, sealed.seal, kept);
      const oldForms = await readOldForms(ports, sealed);
      const { snapshot } = kept;
      const now = await readWorld(ports, sealed.plan, snapshot.roles.baseline);
      const effects = sealed.plan.effects.filter(({ key }) => touched.includes(key));
      const release = sealed.seal.firstRunId;
      const leftSwitches =
        written === undefined ? [] : await thrownIn(ports, effects, { now, before: snapshot.world, written });
      const known = { release, oldForms, leftSwitches };
      const proof = proveRestored(snapshot, now, effects, known);
      const { backInBandMs } = sealed.plan.rollbackModes;
      // Where nobody was exposed nothing can rebound, and what is not restored is told without waiting.
      const wasExposed = effects.some(({ kind }) => kind === 'expose');
      if (!proof.isRestored || !wasExposed || backInBandMs === 0) return proof;
      const sinceMs = ports.now();
      const rebound = await watchRebound(ports, sealed.plan, snapshot, signal);
      // What is out of band already is told without asking for more.
      if (rebound.watchedMs < backInBandMs) return proveRestored(snapshot, now, effects, { ...known, rebound });
      const readings = await lookBack(ports, sealed.plan, snapshot.roles.baseline, { sinceMs, signal });
      const band = { rules: bandRules(sealed.plan.metrics), readings, watchedMs: backInBandMs };
      return proveRestored(snapshot, now, effects, { ...known, rebound, band });
    }),
});
