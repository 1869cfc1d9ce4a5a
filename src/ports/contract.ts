import type { QuietReport } from '../core/contract/quiet';
import type { LineageEntry } from '../core/contract/lineage';
import type { OpenRelease, RenamedForm } from '../core/contract/open-release';
import type { RestorePoint } from '../core/contract/restore-point';
import type { ReconcileRule } from '../core/plan/reconcile';
import type { Losses, MigrateEffect } from './migrations';

/** Where the old form is: in its place, under its hidden name, gone for good. */
export type OldForm = 'present' | 'renamed' | 'dropped';

export type PutBack = {
  /** What could not be given back as it was, e.g. a column left nullable for rows written since. */
  readonly notes: readonly string[];
  /** Rows written meanwhile that the old form would not hold: nothing was changed, for nobody has accepted so many. */
  readonly unfilled?: readonly UnfilledRows[];
};

export type UnfilledRows = Losses & {
  /** Which old form, e.g. `public.orders.customer`. */
  readonly of: string;
};

export type PutBackRequest = {
  /** How the migration compares old and new form. */
  readonly rules: readonly ReconcileRule[];
  /** How many rows written meanwhile may stay without their old form: 0 unless somebody who may has accepted that. */
  readonly acceptedRows: number;
};

export type KeptCopy = {
  readonly name: string;
  readonly of: string;
  readonly release: string;
  readonly migration: string;
  readonly rows: number;
  readonly bytes: number;
  readonly takenAt: string;
  readonly keptUntil: string;
  readonly restoredAt?: string;
};

/** Takes the old form out of one database, in steps of which every one but the last can be taken back. */
export interface ContractPort {
  /** Who still needs the old form; each look is compared with the ones before it for the same release and part. */
  look(effect: MigrateEffect, release: string): Promise<QuietReport>;
  /** Makes a restore point of what the part removes and restores from it beside the original; again replaces the first. */
  keep(effect: MigrateEffect, release: string): Promise<readonly RestorePoint[]>;
  /**
   * Renames what the part removes and runs its file on stand-ins; a no-op when that is done. Answers the releases that have
   * their snapshot here, but for those in `over`: then nothing was changed.
   */
  retire(effect: MigrateEffect, release: string, over?: readonly string[]): Promise<readonly OpenRelease[]>;
  /**
   * Notes that a release is about to take its snapshot here. Answers what contracts have renamed: beside that, a release
   * that migrates is not noted.
   */
  enter(release: OpenRelease, isMigrating: boolean): Promise<readonly RenamedForm[]>;
  /**
   * Gives the old form its name back, and what the file changed with it, once rows written meanwhile are filled by the triggers
   * that the file took away; refused once it is dropped.
   */
  putBack(effect: MigrateEffect, release: string, request?: PutBackRequest): Promise<PutBack>;
  /** Drops what was renamed. There is no way back but the restore point. */
  drop(effect: MigrateEffect, release: string): Promise<void>;
  oldForm(effect: MigrateEffect, release: string): Promise<OldForm>;
  /** Which version came with which migrations. */
  lineage(service: string): Promise<readonly LineageEntry[]>;
  isSuperuser(): Promise<boolean>;
  /** Copies that are kept, newest first. */
  kept(): Promise<readonly KeptCopy[]>;
  /** Puts a copy back under its old name, for rows that are still there; returns how many rows got their value. */
  restoreKept(name: string): Promise<number>;
  /** Removes copies whose time is over; returns their names. */
  removeExpired(): Promise<readonly string[]>;
}
