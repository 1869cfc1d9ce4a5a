import type { OpenRelease } from '../../core/contract/open-release';
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
import { readOpenReleases } from './open-releases';
import { findRemoved } from './removed';
import { noteRetired, readRetired, type Changed, type Hidden } from './retired';

/**
 * Proves on the tables as they are what the file validates; then renames, runs the rest of the file on the stand-ins, and keeps
 * in the same transaction what it takes to give all of it back.
 */
export async function retirePart(
  session: Session,
  context: ContractContext,
  {
    effect,
    release,
    over,
  }: { readonly effect: MigrateEffect; readonly release: string; readonly over: readonly string[] },
): Promise<readonly OpenRelease[]> {
  const what = nameEffect(effect, 'contract');
  const checked = await checkFile(effect.apply, what, context.target);
  const file = readContractFile(checked.statements);
  const run = { checked, file, what };
  const key = { release, migration: effect.migration };
  const isDone = async (): Promise<boolean> =>
    decideApply(await readEntry(session, effect), effect, release) === 'skip' ||
    (await readRetired(session, key)) !== undefined;
  const openReleases = () => readOpenReleases(session, [release, ...over]);
  if (await isDone()) return [];
  // A validated constraint is a change that a snapshot sees.
  const early = await session.transaction(async () => {
    await limitTransaction(session, context);
    return openReleases();
  });
  if (early.length > 0) return early;
  await proveBeforehand(session, context, run);
  return session.transaction(async () => {
    await limitTransaction(session, context);
    if (await isDone()) return [];
    const open = await openReleases();
    if (open.length > 0) return open;
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
    // Whoever wrote before has ended: the renaming waited for the table.
    const { rows } = await session.query<{ seen: string }>('select pg_current_snapshot()::text as seen');
    const seen = rows.map((row) => row.seen)[0];
    await noteRetired(session, key, { objects, changed: { ...changed, ...(seen === undefined ? {} : { seen }) } });
    return [];
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
