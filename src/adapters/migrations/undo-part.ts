import type { LostCopy, MigrateEffect, UndoLosses } from '../../ports/migrations';
import type { Session } from '../postgres/session';
import { keepLostRows, readLostCopies } from './kept-rows';
import { decideUndo, nameEffect } from './ledger';
import { noteUndone, readEntry } from './ledger-table';
import { withLockPatience } from './lock-patience';
import type { MigrationsContext } from './postgres';
import { checkFile, limitTransaction, runFile } from './sql-file';
import { stopWriters } from './stop-writers';

type UndonePart = {
  readonly effect: MigrateEffect;
  readonly release: string;
  readonly losses?: UndoLosses | undefined;
};

/** Undoes one part in one transaction, with the copies of what it loses; tells them again when it was undone before. */
export async function undoPart(
  session: Session,
  context: MigrationsContext,
  { effect, release, losses }: UndonePart,
): Promise<readonly LostCopy[]> {
  const what = nameEffect(effect, 'undo');
  const { undo } = effect;
  const checked = 'sql' in undo ? await checkFile(undo, what, context.target) : undefined;
  const attempt = () =>
    session.transaction(async () => {
      await limitTransaction(session, context);
      const decision = decideUndo(await readEntry(session, effect), release);
      if (decision === 'skip') return readLostCopies(session, { effect, release });
      const isRun = decision === 'undo' && checked !== undefined;
      // Before anything else is locked: it takes the locks of the file, in the file's order.
      if (isRun && losses !== undefined) await stopWriters(session, checked.statements);
      await noteUndone(session, effect, release);
      if (!isRun) return [];
      const copies = losses === undefined ? [] : await keepLostRows(session, context, { effect, release, losses });
      await runFile(session, { ...context, checked, what });
      return copies;
      // Each statement sees what was committed before it, whatever the default of the role is: the question must see what the lock waited for.
    }, 'isolation level read committed');
  return withLockPatience(session, attempt, { ...context, what });
}
