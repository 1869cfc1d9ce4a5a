import type { Setting } from '../core/combinations/setting';
import type { EvidenceRecord } from '../core/evidence/record';
import type { Json } from '../core/json';
import type { Slot } from '../core/plan/effects';
import type { Publication, ReleaseRow } from '../core/evidence/publication';
import type { KeptRelease } from '../core/evidence/kept';
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

/** A release that was kept; `endedAt` is missing while nothing says that it is over. */
export type KeptRow = {
  readonly release: string;
  readonly version: string;
  /** ISO 8601. */
  readonly keptAt: string;
  readonly phase?: string;
  readonly endedAt?: string;
};

/** PostgreSQL in production: evidence, samples, outbox, read-model, roles. Upgrades its own schema. */
export interface StorePort {
  publish(publication: Publication): Promise<void>;
  evidence(release: string): Promise<readonly StoredEvidence[]>;
  /** Keeps what a rollback needs, before the first change. A repeated attempt replaces it, an earlier one does not. */
  keep(kept: KeptRelease): Promise<void>;
  kept(release: string): Promise<KeptRelease | undefined>;
  row(release: string): Promise<ReleaseRow | undefined>;
  /** What was kept of a service's releases, newest first, each with its row. */
  keptReleases(environment: string, service: string, limit: number): Promise<readonly KeptRow[]>;
  /** What the newest promoted releases of a service set, newest first; those whose plan did not pair its settings are left out. */
  promotedSettings(environment: string, service: string, limit: number): Promise<readonly (readonly Setting[])[]>;
  /** Writes that a release is over whose workflow could not say so; one that has ended stays as it is. */
  endRelease(row: ReleaseRow): Promise<void>;
  /** The `seq` of the newest evidence of a release; 0 when there is none. */
  lastSeq(release: string): Promise<number>;
  /** Keeps what evidence names by digest only, so that it can be erased; keeping it again changes nothing. */
  keepErasable(release: string, digest: string, content: string): Promise<void>;
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
