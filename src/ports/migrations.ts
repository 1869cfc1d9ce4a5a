import type { DataProgress } from '../core/backfill/progress';
import type { Effect, SqlFile } from '../core/plan/effects';

export type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** Each object of the schema with a digest of its definition, e.g. `table public.orders` → sha256. */
export type SchemaSnapshot = { readonly [object: string]: string };

export type BatchProgress = { readonly batches: number; readonly rows: number };

/** What a backfill tells after each batch and while it rests. */
export type BackfillProgress = BatchProgress & DataProgress;

/** Changes a database forward and back. The ledger in the database itself says what is applied. */
export interface MigrationsPort {
  snapshot(): Promise<SchemaSnapshot>;
  /** Applies one expand or contract part in one transaction; a no-op when the ledger has it with the same checksum. */
  apply(effect: MigrateEffect, release: string): Promise<void>;
  /**
   * Runs the batch statement along its key, or until it changes no row; resumable; reports after every batch and while it
   * rests, stops when `signal` aborts. Asks `whyRest` before every batch; while that answers, it waits.
   */
  backfill(
    effect: MigrateEffect,
    release: string,
    onProgress: (progress: BackfillProgress) => void,
    signal: AbortSignal,
    whyRest?: () => Promise<string | undefined>,
  ): Promise<BatchProgress>;
  /** Builds one index while others write; a half-built one is dropped first; a no-op when the ledger has it. */
  buildIndex(
    effect: MigrateEffect,
    release: string,
    onProgress: (progress: DataProgress) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Undoes one part; a no-op when the ledger does not have it. */
  undo(effect: MigrateEffect, release: string): Promise<void>;
  /** Rows that a check or invariant query returned; 0 means right. Row values never leave the database. */
  violations(query: SqlFile): Promise<number>;
  /** Whether the ledger says that the part is applied. */
  isApplied(effect: MigrateEffect): Promise<boolean>;
  close(): Promise<void>;
}
