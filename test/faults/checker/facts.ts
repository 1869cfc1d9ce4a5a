import type { DatabaseFact } from './database';
import type { Sample } from './sampler';

export type RowFact = {
  readonly ref: string;
  readonly name: string;
  readonly total: number;
  /** Other totals that it may hold: the answers to these writes were lost. */
  readonly orTotals?: readonly number[];
};

/** One event of a history, as the server tells it. */
export type HistoryEvent = {
  readonly type: string;
  readonly id: number;
  readonly atMs: number;
  readonly workflowId: string;
  readonly runId: string;
  /** Of activities: the type, and the key of the effect in its input. */
  readonly activity?: string;
  readonly effect?: string;
  readonly scheduledId?: number;
  readonly attempt?: number;
  readonly failure?: { readonly type: string; readonly message: string };
};

export type WorkflowFact = { readonly workflowId: string; readonly status: string; readonly sentence: string };

export type EvidenceFact = {
  readonly release: string;
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
  readonly at: string;
  readonly type: string;
  readonly actor: string;
  readonly detail: { readonly [key: string]: unknown };
};

type SlotFact = { readonly version: string; readonly release: string } | undefined;

/** What was asked of the release, and when; times in epoch milliseconds. */
export type Story = {
  readonly version: string;
  readonly expected: 'Promoted' | 'RolledBack' | 'Aborted';
  readonly isContracted: boolean;
  /** The code of what turned it back; undefined when nothing should. */
  readonly cause?: 'GuardrailBroken' | 'Aborted' | 'GateExpired' | 'Recovered' | 'SlotOutOfService' | 'LeaseExpired';
  readonly gateApprovedAtMs?: number;
  /** When the canary began to fail, the abort was sent or the gate ran out, or the way back was ordered. */
  readonly turnedAtMs?: number;
  /** How long the canary may be exposed after that: the time its killers took, and some. */
  readonly boundMs: number;
  /** When nobody could renew the lease, and by when the canary has to be closed: while that is still so. */
  readonly silence?: { readonly fromMs: number; readonly closedByMs: number; readonly untilMs: number };
  /** When nobody could tell whether the canary is well, so that it may not be given everything. */
  readonly blindness?: { readonly fromMs: number; readonly untilMs: number };
  /** The shares by which users are led back, and how many of them must have been seen; left out where they go back at once. */
  readonly drain?: { readonly steps: readonly number[]; readonly leastSeen: number };
  /** Shares of the canary that the descriptor names, in percent. */
  readonly shares: readonly number[];
  /** Whether the proxy stood still, so that half of a change may hold until it is written again. */
  readonly mayHalve?: boolean;
  readonly highestBeforeGate: number;
  readonly acceptedApprovals: readonly string[];
  /** Parts of migrations that stand in the end of a promoted release, and those of them that leave a mark. */
  readonly parts: readonly string[];
  readonly marks: readonly string[];
  /** Whether the backfill counts how often it filled a row. */
  readonly countsFills: boolean;
  readonly points: readonly string[];
  readonly fired: readonly string[];
};

/** Everything the checker knows of one case, read from the real systems after it. */
export type Facts = {
  readonly story: Story;
  readonly samples: readonly Sample[];
  readonly rest: Sample;
  readonly slots: { readonly blue: SlotFact; readonly green: SlotFact };
  readonly starts: { readonly [release: string]: number };
  readonly schema: string;
  readonly schemas: { readonly baseline: string; readonly expanded: string; readonly contracted: string };
  readonly rows: readonly RowFact[];
  readonly written: readonly RowFact[];
  readonly baseRows: readonly RowFact[];
  readonly misfits: readonly string[];
  readonly marks: { readonly [part: string]: number };
  /** What the engine keeps in the service's database, and holds there. */
  readonly database: DatabaseFact;
  /** How often rows of the beginning were filled, and how many so often; empty when the column is not there. */
  readonly filled: { readonly [times: string]: number };
  readonly files: { readonly before: FilesFact; readonly after: FilesFact };
  readonly history: readonly HistoryEvent[];
  readonly workflows: readonly WorkflowFact[];
  readonly evidence: readonly EvidenceFact[];
  readonly outbox: readonly { readonly id: string; readonly isDelivered: boolean }[];
  readonly received: readonly { readonly id: string; readonly kind: string; readonly body: string }[];
  /** Everything that anybody may read: histories, logs, evidence, messages. */
  readonly texts: { readonly [where: string]: string };
  readonly secrets: readonly string[];
  /** What replaying each history on today's code says; empty when it is well. */
  readonly replayFaults: readonly string[];
};

export type FilesFact = { readonly blue: string; readonly green: string; readonly flags: string };
