import type { BatchProgress, MigrateEffect } from '../../ports/migrations';
import type { Session } from '../postgres/session';
import type { MigrationsContext } from './postgres';

/** Whose backfill runs where. */
export type BackfillContext = MigrationsContext & { readonly effect: MigrateEffect; readonly release: string };

/** Sets the limits of a batch's transaction, and lets triggers know who writes: `spillway.backfill` is `on` in it. */
export async function beginBatch(session: Session, context: BackfillContext): Promise<void> {
  await session.query(
    `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
            set_config('spillway.backfill', 'on', true)`,
    { values: [String(context.lockTimeoutMs), String(context.statementTimeoutMs)] },
  );
}

/** What one batch came to. */
export type Batch = {
  readonly progress: BatchProgress;
  /** Rows that are done, whether they were changed or not. */
  readonly passed: number;
  readonly isDone: boolean;
};

/** One way to go through the rows of a backfill; each call of `next` is a batch in a transaction of its own. */
export type BatchWork = {
  /** How many rows there are in all; undefined where nobody knows. */
  readonly estimatedRows?: number | undefined;
  next(): Promise<Batch>;
};
