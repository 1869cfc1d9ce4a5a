import type { DataProgress } from '../core/backfill/progress';
import type { Effect, SqlFile } from '../core/plan/effects';
import type { ReconcileRule } from '../core/plan/reconcile';
import type { OldFormChange, Reconciliation } from '../core/release/reconciliation';
import type { Trial } from '../core/plan/trial';

export type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** Each object of the schema with a digest of its definition, e.g. `table public.orders` → sha256. */
export type SchemaSnapshot = { readonly [object: string]: string };

export type BatchProgress = { readonly batches: number; readonly rows: number };

/** What a backfill tells after each batch and while it rests. */
export type BackfillProgress = BatchProgress & DataProgress;
/** Rows that an undo could not keep: how many, and the keys of the first ten thousand. */
export type Losses = { readonly rows: number; readonly keys: readonly string[] };

/** What an undo may take away: the queries that find it, and what of it somebody chose to lose. */
export type UndoLosses = {
  readonly queries: readonly SqlFile[];
  /** Not more than `rows` of it, when that is known. */
  readonly chosen?: { readonly by: string; readonly why: string; readonly rows?: number } | undefined;
};

/** A copy of rows that an undo has lost. */
export type LostCopy = { readonly table: string; readonly rows: number };
/** Every part of a release at one database, to be tried on a copy. */
export type TrialRequest = {
  /** In the order in which they run; their undos run in the reverse one. */
  readonly effects: readonly MigrateEffect[];
  /** Tried last, to see that they run at all. */
  readonly contract: readonly MigrateEffect[];
  /** Data invariants of this database: they are asked again when the parts have run, and when contract has. */
  readonly invariants: readonly SqlFile[];
  readonly release: string;
  readonly signal: AbortSignal;
};

/** Changes a database forward and back. The ledger in the database itself says what is applied. */
export interface MigrationsPort {
  snapshot(): Promise<SchemaSnapshot>;
  /** A text that is another one when the schema was changed, and may be without: far cheaper than a snapshot. */
  schemaVersion(): Promise<string>;
  /** What the last change of each of these tables touched, by its name in a snapshot: names of columns, as people may see them. */
  lastChanges(tables: readonly string[]): Promise<{ readonly [table: string]: readonly string[] }>;
  /**
   * Applies one expand, switch or contract part in one transaction; a no-op when the ledger has it with the same checksum.
   * A tool may take longer: its command is killed when `signal` aborts, and the next attempt or the undo goes on from there.
   */
  apply(effect: MigrateEffect, release: string, signal?: AbortSignal): Promise<void>;
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
  /**
   * Undoes one part; a no-op when the ledger does not have it. What it may take away is asked again while nobody can
   * write, and what was chosen is copied first, checked, in the same transaction: all of it happens or nothing.
   * Undone before, it tells the copies that were made then.
   * @throws PortError `NotConverged` for rows that nobody chose to lose: they were written after the first question.
   */
  undo(effect: MigrateEffect, release: string, losses?: UndoLosses): Promise<readonly LostCopy[]>;
  /** Whether the part is this release's to undo: applied by it, wholly or half, and not undone since. */
  isUndoDue(effect: MigrateEffect, release: string): Promise<boolean>;
  /** Rows that a query of losses returns; of each only the key, its first column, leaves the database. */
  losses(query: SqlFile): Promise<Losses>;
  /** Compares both forms of every row, in one consistent view, beside whoever writes. */
  reconcile(rule: ReconcileRule): Promise<Reconciliation>;
  /** Remembers, in the database, what the old form says now; what is remembered of this release stays. */
  rememberOldForm(rule: ReconcileRule, release: string): Promise<void>;
  /** The old form as it was remembered and as it is; undefined when nothing was remembered. */
  readOldForm(rule: ReconcileRule, release: string): Promise<OldFormChange | undefined>;
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
