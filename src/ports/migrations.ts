import type { Effect, SqlFile } from '../core/plan/effects';
import type { Trial } from '../core/plan/trial';

export type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** Each object of the schema with a digest of its definition, e.g. `table public.orders` → sha256. */
export type SchemaSnapshot = { readonly [object: string]: string };

export type BatchProgress = { readonly batches: number; readonly rows: number };

/** Every part of a release at one database, to be tried on a copy. */
export type TrialRequest = {
  /** In the order in which they run; their undos run in the reverse one. */
  readonly effects: readonly MigrateEffect[];
  /** Tried last, to see that they run at all. */
  readonly contract: readonly MigrateEffect[];
  readonly release: string;
  readonly signal: AbortSignal;
};

/** Changes a database forward and back. The ledger in the database itself says what is applied. */
export interface MigrationsPort {
  snapshot(): Promise<SchemaSnapshot>;
  /** Applies one expand or contract part in one transaction; a no-op when the ledger has it with the same checksum. */
  apply(effect: MigrateEffect, release: string): Promise<void>;
  /** Runs the batch statement until it changes no row; resumable; reports after every batch, stops when `signal` aborts. */
  backfill(
    effect: MigrateEffect,
    release: string,
    onProgress: (progress: BatchProgress) => void,
    signal: AbortSignal,
  ): Promise<BatchProgress>;
  /** Undoes one part; a no-op when the ledger does not have it. */
  undo(effect: MigrateEffect, release: string): Promise<void>;
  /** Rows that a check or invariant query returned; 0 means right. Row values never leave the database. */
  violations(query: SqlFile): Promise<number>;
  /** Whether the ledger says that the part is applied. */
  isApplied(effect: MigrateEffect): Promise<boolean>;
  /**
   * Tries every part and every undo on a copy of the schema, which is gone afterwards; the database itself is only read.
   * @throws PortError `Rejected` or `Conflict` for a part that the ledger refuses, `TargetUnavailable` while no copy can be made.
   */
  trial(request: TrialRequest): Promise<Trial>;
  close(): Promise<void>;
}
