import type { MigrateEffect } from '../../ports/migrations';
import { readContractFile } from '../../sql/contract-file';
import { decideApply, nameEffect } from '../migrations/ledger';
import { noteApplied, readEntry } from '../migrations/ledger-table';
import { checkFile, limitTransaction, runFile } from '../migrations/sql-file';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { readDefinitions, type Definition } from './definitions';
import { dropBlockingKeys } from './blocking-keys';
import { hide } from './hide';
import { leaveOutProved, proveBeforehand } from './prove';
import { findRemoved } from './removed';
import { noteRetired, readRetired, type Changed, type Hidden } from './retired';

/**
 * Proves on the tables as they are what the file validates; then renames, runs the rest of the file on the stand-ins, and keeps
 * in the same transaction what it takes to give all of it back.
 */
export async function retirePart(
  session: Session,
  context: ContractContext,
  { effect, release }: { readonly effect: MigrateEffect; readonly release: string },
): Promise<void> {
  const what = nameEffect(effect, 'contract');
  const checked = await checkFile(effect.apply, what, context.target);
  const file = readContractFile(checked.statements);
  const run = { checked, file, what };
  const key = { release, migration: effect.migration };
  const isDone = async (): Promise<boolean> =>
    decideApply(await readEntry(session, effect), effect, release) === 'skip' ||
    (await readRetired(session, key)) !== undefined;
  if (await isDone()) return;
  await proveBeforehand(session, context, run);
  await session.transaction(async () => {
    await limitTransaction(session, context);
    if (await isDone()) return;
    const removed = await findRemoved(session, file);
    const schemas = [...new Set([...context.schemas, ...removed.map(({ schema }) => schema)])];
    const before = await readDefinitions(session, schemas);
    const rest = await leaveOutProved(session, context, run, removed);
    const by = { release, timeoutMs: context.statementTimeoutMs };
    const objects: Hidden[] = [];
    for (const each of removed) objects.push(await hide(session, each, by));
    await noteApplied(session, effect, { release, progress: { batches: 0, rows: 0 }, isDone: true });
    await runFile(session, { ...context, checked: rest, what });
    // The file may have changed role or path; what is recorded is the engine's own.
    await session.query('reset role; reset search_path');
    for (const object of objects) await dropBlockingKeys(session, object);
    const changed = compare(before, await readDefinitions(session, schemas), objects);
    await noteRetired(session, key, { objects, changed });
  });
}

/** What the file changed, once what was only renamed is taken for the same. */
function compare(before: readonly Definition[], after: readonly Definition[], objects: readonly Hidden[]): Changed {
  const asBefore = (text: string): string =>
    objects.reduce((so, { of, at }) => so.replaceAll(at.column ?? at.table, of.column ?? of.table), text);
  const now = new Map(after.map(({ key, make }) => [asBefore(key), asBefore(make)]));
  const known = new Set(before.map(({ key }) => key));
  return {
    before: before.filter(({ key, make }) => now.get(key) !== make),
    added: after.filter(({ key, drop }) => drop !== '' && !known.has(asBefore(key))).map(({ drop }) => drop),
  };
}
