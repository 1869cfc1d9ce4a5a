import { PortError } from '../../ports/errors';
import { blankOut } from '../../sql/blank-out';
import type { ContractFile, Validation } from '../../sql/contract-file';
import { answerMarginMs, limitTransaction, sourceOf, type CheckedFile } from '../migrations/sql-file';
import { isBusy } from '../migrations/lock-patience';
import { toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { findRemoved, writtenName, type Removed } from './removed';

type Proof = Validation & { readonly oid: string; readonly isValid: boolean };

export type ContractRun = { readonly checked: CheckedFile; readonly file: ContractFile; readonly what: string };

/**
 * Runs what the file validates on the tables as they are, under a lock that lets reads and writes go on: beside an empty
 * stand-in every row would pass, and each would be read under the lock of the renaming.
 * @throws PortError `Rejected` for a row that does not pass, or a constraint that cannot be validated beforehand.
 */
export async function proveBeforehand(session: Session, context: ContractContext, run: ContractRun): Promise<void> {
  const { what, checked, file } = run;
  await session.transaction(async () => {
    await limitTransaction(session, context);
    for (const { statement } of await findProofs(session, context, run, await findRemoved(session, file))) {
      try {
        await session.query(statement.text, { timeoutMs: context.statementTimeoutMs + answerMarginMs });
      } catch (error) {
        if (isBusy(error)) throw error;
        throw toPortError(error, { what, target: context.target, source: sourceOf(checked.file, statement, '') });
      }
    }
  });
}

/**
 * The file without what is proved already; blanks in its place, so that the places in errors stay what they were.
 * @throws PortError `NotConverged` when a constraint is no longer what was proved.
 */
export async function leaveOutProved(
  session: Session,
  context: ContractContext,
  run: ContractRun,
  removed: readonly Removed[],
): Promise<CheckedFile> {
  const { file, statements } = run.checked;
  let sql = file.sql;
  for (const { statement, constraint, isValid } of await findProofs(session, context, run, removed)) {
    if (!isValid)
      throw new PortError(
        'NotConverged',
        `${run.what} on ${context.target}: constraint ${constraint} was made anew since it was validated; it is validated again`,
      );
    const { offset, text } = statement;
    const end = offset + text.length;
    sql = `${sql.slice(0, offset)}${blankOut(text)}${sql.slice(end)}`;
  }
  return { file: { ...file, sql }, statements };
}

/** What the file validates on a table from which it removes something. */
async function findProofs(
  session: Session,
  { target }: ContractContext,
  { file, what, checked }: ContractRun,
  removed: readonly Removed[],
): Promise<readonly Proof[]> {
  const touched = new Set(removed.map(({ oid }) => oid));
  const proofs: Proof[] = [];
  for (const validation of file.validations) {
    const { table, constraint, statement, isAlone } = validation;
    const { rows } = await session.query<{ oid: string; is_valid: boolean | null }>(
      `select c.oid::text as oid, k.convalidated as is_valid from pg_class c
         left join pg_constraint k on k.conrelid = c.oid and k.conname = $2 where c.oid = to_regclass($1)`,
      { values: [writtenName(table), constraint] },
    );
    const [found] = rows;
    if (found === undefined || !touched.has(found.oid)) continue;
    const where = `${what} on ${target}: ${checked.file.path}:${statement.line}`;
    if (!isAlone)
      throw new PortError(
        'Rejected',
        `${where}: constraint ${constraint} is validated in one statement with other changes, so it cannot be proved before the ` +
          'old form is renamed; write `validate constraint` as a statement of its own',
      );
    if (found.is_valid === null)
      throw new PortError(
        'Rejected',
        `${where}: constraint ${constraint} is not there before the file runs, so it cannot be proved before the old form is ` +
          'renamed; add it `not valid` in `expand`',
      );
    proofs.push({ ...validation, oid: found.oid, isValid: found.is_valid });
  }
  return proofs;
}
