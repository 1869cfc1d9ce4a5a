import type { EvidenceRecord } from '../core/evidence/record';
import type { Json } from '../core/json';
import type { Slot } from '../core/plan/effects';
import type { Notification } from './notifications';

/** A line of the release read-model. */
export type ReleaseRow = {
  /** Workflow id and first run id: `<workflowId>/<firstRunId>`. */
  readonly release: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly phase: string;
  readonly planDigest: string;
  readonly sentence: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt?: string;
};

/** One batch written in one transaction; repeating it changes nothing. */
export type Publication = {
  readonly row: ReleaseRow;
  readonly evidence: readonly EvidenceRecord[];
  readonly notifications: readonly { readonly sink: string; readonly notification: Notification }[];
};

export type SampleRow = { readonly atMs: number; readonly sample: Json };

export type StoredEvidence = EvidenceRecord & { readonly previous: string; readonly hash: string };

export type OutboxItem = {
  readonly id: string;
  readonly sink: string;
  readonly notification: Notification;
  readonly attempts: number;
};

export type ServiceRole = { readonly baseline: Slot; readonly version: string; readonly release: string };

/** PostgreSQL in production: evidence, samples, outbox, read-model, roles. Upgrades its own schema. */
export interface StorePort {
  publish(publication: Publication): Promise<void>;
  evidence(release: string): Promise<readonly StoredEvidence[]>;
  addSamples(release: string, rows: readonly SampleRow[]): Promise<void>;
  samples(release: string): Promise<readonly SampleRow[]>;
  releases(environment: string, limit: number): Promise<readonly ReleaseRow[]>;
  /** Which slot is the baseline of a service, as the last promotion recorded it. */
  role(environment: string, service: string): Promise<ServiceRole | undefined>;
  recordRole(environment: string, service: string, role: ServiceRole): Promise<void>;
  /** Takes due items for delivery; an item taken and not settled comes back after `leaseMs`. */
  takeOutbox(limit: number, leaseMs: number): Promise<readonly OutboxItem[]>;
  settleOutbox(
    id: string,
    outcome:
      { readonly delivered: true } | { readonly delivered: false; readonly error: string; readonly retryInMs: number },
  ): Promise<void>;
  /** Throws TargetUnavailable when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
