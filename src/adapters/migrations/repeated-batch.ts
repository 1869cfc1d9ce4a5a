import type { QueryResult } from 'pg';
import { PortError } from '../../ports/errors';
import type { Session } from '../postgres/session';
import { beginBatch, type BackfillContext, type Batch, type BatchWork } from './batch';
import { decideApply, nameEffect } from './ledger';
import { noteApplied, readOwnEntry } from './ledger-table';
import { withLockPatience } from './lock-patience';
import { checkFile, runFile, type CheckedFile } from './sql-file';

const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** Repeats the statement of the file until it changes no row. */
export async function repeatBatch(session: Session, context: BackfillContext): Promise<BatchWork> {
  const what = nameEffect(context.effect, 'backfill');
  const checked = await checkFile(context.effect.apply, what, context.target);
  return { next: () => withLockPatience(session, () => runBatch(session, context, checked), { ...context, what }) };
}

function runBatch(session: Session, context: BackfillContext, checked: CheckedFile): Promise<Batch> {
  const { effect, release, target } = context;
  return session.transaction(async () => {
    await beginBatch(session, context);
    const entry = await readOwnEntry(session, effect);
    const decision = decideApply(entry, effect, release);
    const { batches, rows } = decision === 'apply' || entry === undefined ? { batches: 0, rows: 0 } : entry;
    if (decision === 'skip') return { progress: { batches, rows }, passed: rows, isDone: true };
    const what = nameEffect(effect, 'backfill');
    const results = await runFile(session, { ...context, checked, what });
    const changed = countChanged(results, `${what} on ${target}: ${effect.apply.path}`);
    const isDone = changed === 0;
    const progress = isDone ? { batches, rows } : { batches: batches + 1, rows: rows + changed };
    await noteApplied(session, effect, { release, progress, isDone });
    return { progress, passed: progress.rows, isDone };
  });
}

/**
 * How many rows the statements of a batch changed.
 * @throws PortError `Rejected` when none of them is one that changes rows: a SELECT always returns its row, so that
 * repeating it until nothing changes would never end.
 */
export function countChanged(results: readonly QueryResult[], where: string): number {
  const changes = results.filter(({ command }) => changing.has(command));
  if (changes.length === 0) {
    const next = 'write a batch that changes fewer rows the less there is left to do';
    throw new PortError('Rejected', `${where} holds no INSERT, UPDATE, DELETE or MERGE of its own; ${next}`);
  }
  return changes.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
}
