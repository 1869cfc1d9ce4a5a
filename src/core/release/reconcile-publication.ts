import type { Publication } from '../evidence/publication';
import type { Plan, Seal } from '../plan/plan';
import { notificationsOf } from './notices';

/** What a guard knows of the plan whose ending it keeps. */
export type EndedPlan = Pick<Plan, 'service' | 'environment' | 'version' | 'notify'>;

export type ReconcileFact = {
  readonly plan: EndedPlan;
  readonly seal: Seal;
  /** The guard itself: a person stops it by this id. */
  readonly workflowId: string;
  readonly startedAtMs: number;
  readonly untilMs: number;
  readonly isPromoted: boolean;
  readonly observed: string;
  readonly wanted: string;
  /** Undefined when it was set back; else why it was not. */
  readonly fault?: string;
  /** Counts from 1: one a difference found. */
  readonly seq: number;
  readonly atMs: number;
};

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** How often traffic may change within one guard before somebody is told that another hand is at work. */
const mostByChance = 3;

/** State, why, since when, what next, who: as everywhere. */
export function explainDrift(fact: ReconcileFact): string {
  const { plan, observed, wanted, seq, fault, isPromoted, untilMs, workflowId } = fact;
  const ending = isPromoted ? 'was promoted' : 'was rolled back';
  const done = fault === undefined ? `it was set back to ${wanted}` : `it could not be set back to ${wanted}: ${fault}`;
  const again =
    seq > mostByChance
      ? ` This is the ${seq}th time: something else writes weights too, so it is set back less and less often; find it.`
      : '';
  return (
    `Traffic of ${plan.service} changed after ${plan.version} ${ending}: found ${observed}, ${done}, at ${time(fact.atMs)}; ` +
    `next: it is watched until ${time(untilMs)}; who wants another split starts a release, or stops the watching ` +
    `(temporal workflow cancel --workflow-id ${workflowId}).${again}`
  );
}

/** What store and people learn of a repair; its evidence is a chain of its own beside its release's. */
export function reconcilePublication(fact: ReconcileFact): Publication {
  const { plan, seal, seq, atMs, observed, wanted, fault, workflowId } = fact;
  const release = `${seal.firstRunId}/reconcile`;
  const at = new Date(atMs).toISOString();
  const sentence = explainDrift(fact);
  return {
    row: {
      release,
      service: plan.service,
      environment: plan.environment,
      version: plan.version,
      phase: fault === undefined ? 'Reconciled' : 'Drifted',
      planDigest: seal.planDigest,
      sentence,
      startedAt: new Date(fact.startedAtMs).toISOString(),
      // Nothing is open here: what is watched ends by itself.
      endedAt: at,
    },
    evidence: [
      {
        seq,
        at,
        type: 'drift',
        actor: 'spillway',
        detail: { observed, wanted, ...(fault === undefined ? {} : { fault }) },
      },
    ],
    notifications: notificationsOf(plan, workflowId, [
      { id: `${release}/${seq}`, kind: 'incomplete', text: sentence, atMs },
    ]),
  };
}
