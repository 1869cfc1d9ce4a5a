import { quickRepairs } from '../drift/repair-pause';
import type { Publication } from '../evidence/publication';
import type { Plan, Seal } from '../plan/plan';
import { notificationsOf } from './notices';

/** What a guard knows of the plan whose ending it keeps. */
export type EndedPlan = Pick<Plan, 'service' | 'environment' | 'version' | 'notify'>;

/** What reads differently than an ending left it, and what came of it. */
export type EndingDifference = {
  /** Key of the effect that set it, or `schema/TARGET`; the split of the traffic when left out. */
  readonly of?: string;
  /** Undefined where it reads as it was left again, by whoever changed it. */
  readonly observed?: string;
  readonly wanted: string;
  /** Whether it is only told; else it was set back, or was to be. */
  readonly isLeft?: boolean;
  /** Why it was not set back. */
  readonly fault?: string;
  /** How often this was found. */
  readonly count: number;
};

export type ReconcileFact = EndingDifference & {
  readonly plan: EndedPlan;
  readonly seal: Seal;
  /** The guard itself: a person stops it by this id. */
  readonly workflowId: string;
  readonly startedAtMs: number;
  readonly untilMs: number;
  readonly isPromoted: boolean;
  /** Counts from 1: one a difference found. */
  readonly seq: number;
  readonly atMs: number;
};

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function doneText({ wanted, fault, isLeft }: ReconcileFact): string {
  if (isLeft === true) return 'it is left to its owners';
  return fault === undefined ? `it was set back to ${wanted}` : `it could not be set back to ${wanted}: ${fault}`;
}

/** State, why, since when, what next, who: as everywhere. */
export function explainDrift(fact: ReconcileFact): string {
  const { plan, of, observed, count, isPromoted, isLeft, untilMs, workflowId } = fact;
  const subject = of === undefined ? `Traffic of ${plan.service}` : `${of} of ${plan.service}`;
  const ending = isPromoted ? 'was promoted' : 'was rolled back';
  if (observed === undefined) return `${subject} is as ${plan.version} left it again, at ${time(fact.atMs)}.`;
  const again =
    count > quickRepairs && isLeft !== true
      ? ` This is the ${count}th time: something else writes ${of === undefined ? 'weights' : 'it'} too, so it is set back less and less often; find it.`
      : '';
  return (
    `${subject} changed after ${plan.version} ${ending}: found ${observed}, ${doneText(fact)}, at ${time(fact.atMs)}; ` +
    `next: it is watched until ${time(untilMs)}; who wants ${of === undefined ? 'another split' : 'it otherwise'} starts a release, or stops the watching ` +
    `(temporal workflow cancel --workflow-id ${workflowId}).${again}`
  );
}

/** What store and people learn of a difference; its evidence is a chain of its own beside its release's. */
export function reconcilePublication(fact: ReconcileFact): Publication {
  const { plan, seal, seq, atMs, of, observed, wanted, isLeft, fault, workflowId } = fact;
  const release = `${seal.firstRunId}/reconcile`;
  const at = new Date(atMs).toISOString();
  const sentence = explainDrift(fact);
  const isOpen = observed !== undefined && (isLeft === true || fault !== undefined);
  return {
    row: {
      release,
      service: plan.service,
      environment: plan.environment,
      version: plan.version,
      phase: isOpen ? 'Drifted' : 'Reconciled',
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
        detail: {
          ...(of === undefined ? {} : { of }),
          ...(observed === undefined ? {} : { observed }),
          wanted,
          ...(fault === undefined ? {} : { fault }),
        },
      },
    ],
    // That it is as it was is kept, and is no news to anybody.
    notifications:
      observed === undefined
        ? []
        : notificationsOf(plan, workflowId, [{ id: `${release}/${seq}`, kind: 'incomplete', text: sentence, atMs }]),
  };
}
