import type { QueryResult } from 'pg';
import { PortError } from '../../ports/errors';
import type { BatchProgress, MigrateEffect } from '../../ports/migrations';
import type { Session } from '../postgres/session';
import { decideApply, nameEffect } from './ledger';
import { noteApplied, readEntry } from './ledger-table';
import { withLockPatience } from './lock-patience';
import type { MigrationsContext } from './postgres';
import { limitTransaction, runFile } from './sql-file';

type Batch = { readonly progress: BatchProgress; readonly isDone: boolean };

const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** Repeats the batch, each in a transaction of its own with its progress, until one changes no row. */
export async function runBackfill(
  session: Session,
  context: MigrationsContext & { readonly effect: MigrateEffect; readonly release: string },
  watch: { readonly onProgress: (progress: BatchProgress) => void; readonly signal: AbortSignal },
): Promise<BatchProgress> {
  const what = nameEffect(context.effect, 'backfill');
  let progress: BatchProgress | undefined;
  for (;;) {
    if (watch.signal.aborted) throw stopped(what, context.target, progress);
    const batch = await withLockPatience(session, () => runBatch(session, context), { ...context, what });
    progress = batch.progress;
    watch.onProgress(progress);
    if (batch.isDone) return progress;
  }
}

function runBatch(
  session: Session,
  context: MigrationsContext & { readonly effect: MigrateEffect; readonly release: string },
): Promise<Batch> {
  const { effect, release, target } = context;
  return session.transaction(async () => {
    await limitTransaction(session, context);
    const entry = await readEntry(session, effect);
    const decision = decideApply(entry, effect, release);
    const before = decision === 'apply' || entry === undefined ? { batches: 0, rows: 0 } : pickProgress(entry);
    if (decision === 'skip') return { progress: before, isDone: true };
    const what = nameEffect(effect, 'backfill');
    const results = await runFile(session, { ...context, file: effect.apply, what });
    const rows = countChanged(results, `${what} on ${target}: ${effect.apply.path}`);
    const isDone = rows === 0;
    const progress = isDone ? before : { batches: before.batches + 1, rows: before.rows + rows };
    await noteApplied(session, effect, { release, progress, isDone });
    return { progress, isDone };
  });
}

function pickProgress({ batches, rows }: BatchProgress): BatchProgress {
  return { batches, rows };
}

/** A SELECT always returns its row: repeating it until nothing changes would never end. */
function countChanged(results: readonly QueryResult[], where: string): number {
  const changes = results.filter(({ command }) => changing.has(command));
  if (changes.length === 0) {
    const next = 'write a batch that changes fewer rows the less there is left to do';
    throw new PortError('Rejected', `${where} holds no INSERT, UPDATE, DELETE or MERGE of its own; ${next}`);
  }
  return changes.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
}

/** Not an answer: a backfill that was stopped must not look finished. */
function stopped(what: string, target: string, progress: BatchProgress | undefined): PortError {
  const done = progress === undefined ? '' : ` after ${progress.batches} batches (${progress.rows} rows)`;
  return new PortError(
    'TargetUnavailable',
    `${what} on ${target}: stopped${done}; running it again goes on from there`,
  );
}
