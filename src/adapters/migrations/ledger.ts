import { PortError } from '../../ports/errors';
import type { MigrateEffect } from '../../ports/migrations';

/** What the ledger in the migrated database says about one part of a migration. */
export type LedgerEntry = {
  readonly migration: string;
  /** As `ledgerPart` names it. */
  readonly part: string;
  readonly checksum: string;
  /** The release that applied the part last. */
  readonly release: string;
  /** Whether the part is done; a backfill in progress has an entry and is not. */
  readonly isApplied: boolean;
  readonly isUndone: boolean;
  readonly batches: number;
  readonly rows: number;
  /** The last key that is done, as text; only while a backfill goes along a key. */
  readonly cursor?: string;
  /** How many keys are done, changed or not. */
  readonly passed?: number;
};

/** The part as the ledger tells it: a migration may build several indexes, each by its file. */
export const ledgerPart = ({ part, apply }: MigrateEffect): string => (part === 'index' ? `index ${apply.path}` : part);

export type ApplyDecision = 'apply' | 'continue' | 'skip';

/** `apply of 0001-orders/expand`, for messages. */
export function nameEffect(effect: MigrateEffect, verb: string): string {
  return `${verb} of ${effect.migration}/${ledgerPart(effect)}`;
}

/**
 * What to do when `release` wants the effect applied.
 * @throws PortError `Rejected` for another checksum, `Conflict` when this very release has undone the part already.
 */
export function decideApply(entry: LedgerEntry | undefined, effect: MigrateEffect, release: string): ApplyDecision {
  if (entry === undefined) return 'apply';
  if (entry.isUndone) return decideAfterUndo(entry, effect, release);
  if (entry.checksum !== effect.apply.sha256) {
    throw new PortError(
      'Rejected',
      `${nameEffect(effect, 'apply')} on ${effect.target}: checksum differs: release ${entry.release} applied ` +
        `${shorten(entry.checksum)}, ${effect.apply.path} has ${shorten(effect.apply.sha256)}; ` +
        'give the changed file a new migration id, or restore the applied one',
    );
  }
  return entry.isApplied ? 'skip' : 'continue';
}

/** A late attempt of a worker thought dead must not bring back what its release has undone since. */
function decideAfterUndo(entry: LedgerEntry, effect: MigrateEffect, release: string): ApplyDecision {
  if (entry.release !== release) return 'apply';
  throw new PortError(
    'Conflict',
    `${nameEffect(effect, 'apply')} on ${effect.target}: release ${release} has undone this part already, ` +
      'a late attempt may not bring it back; start a new release',
  );
}

export type UndoDecision =
  /** Undo it. */
  | 'undo'
  /** Nothing to undo, but mark it so that a late apply of this release finds the door closed. */
  | 'close'
  /** Undone already, or another release's own. */
  | 'skip';

/** What to do when `release` wants the effect undone: only what this release did is its to undo. */
export function decideUndo(entry: LedgerEntry | undefined, release: string): UndoDecision {
  if (entry === undefined) return 'close';
  if (entry.isUndone) return entry.release === release ? 'skip' : 'close';
  return entry.release === release ? 'undo' : 'skip';
}

function shorten(checksum: string): string {
  return `sha256 ${checksum.slice(0, 12)}…`;
}
