import type { EvidenceRecord } from '../evidence/record';
import type { Publication } from '../evidence/publication';
import type { NotificationKind } from '../plan/plan';
import type { SealedPlan } from '../plan/plan';
import { asJson } from '../json';
import type { ContractState } from './contract-state';
import { explainContract } from './explain-contract';
import { notificationsOf } from './notices';

export type ContractFact = {
  readonly sealed: SealedPlan;
  readonly state: ContractState;
  readonly workflowId: string;
  readonly kind: NotificationKind;
  /** Counts from 1. */
  readonly seq: number;
  readonly atMs: number;
};

/** What store and people learn of a contract; its evidence is a chain of its own beside its release's. */
export function contractPublication({ sealed, state, workflowId, kind, seq, atMs }: ContractFact): Publication {
  const { plan, seal } = sealed;
  const release = `${seal.firstRunId}/contract`;
  const { sentence } = explainContract(state);
  const at = new Date(atMs).toISOString();
  const { phase, approvals, parts, safety } = state;
  const isOver = kind === 'ended';
  const record: EvidenceRecord = {
    seq,
    at,
    type: isOver ? 'ended' : 'checkpoint',
    actor: approvals.at(-1)?.by ?? 'spillway',
    detail: {
      phase,
      sentence,
      approvals: asJson(approvals),
      parts: asJson(parts),
      ...(safety === undefined ? {} : { safety: asJson(safety) }),
    },
  };
  return {
    row: {
      release,
      service: plan.service,
      environment: plan.environment,
      version: plan.version,
      phase,
      planDigest: seal.planDigest,
      sentence,
      startedAt: new Date(state.openedAtMs).toISOString(),
      ...(isOver ? { endedAt: at } : {}),
    },
    evidence: [record],
    notifications: notificationsOf(plan, workflowId, [{ id: `${release}/${seq}`, kind, text: sentence, atMs }]),
  };
}
