import type { EvidenceRecord } from '../core/evidence/record';
import type { Json } from '../core/json';
import type { Slot } from '../core/plan/effects';
import type { Publication, ReleaseRow } from '../core/evidence/publication';
import type { Notification } from '../core/release/notification';

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
