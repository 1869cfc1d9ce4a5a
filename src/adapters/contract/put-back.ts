import { escapeIdentifier } from 'pg';
import { plural } from '../../core/plural';
import { PortError } from '../../ports/errors';
import type { PutBack, PutBackRequest, UnfilledRows } from '../../ports/contract';
import type { MigrateEffect } from '../../ports/migrations';
import { nameEffect } from '../migrations/ledger';
import { noteUndone } from '../migrations/ledger-table';
import { answerMarginMs, limitTransaction } from '../migrations/sql-file';
import { sqlStateOf } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { readDefinitions } from './definitions';
import { findUnfilled } from './put-back-losses';
import { fillBeforehand, fillRest, type ColumnToFill, type Filled } from './refill';
import { qualified } from './removed';
import { noteStep, readRetired, type Hidden, type Retired } from './retired';
import { readSyncTriggers } from './sync-triggers';

type ToPutBack = { readonly effect: MigrateEffect; readonly release: string; readonly request: PutBackRequest };

/** Takes the transaction back with it. */
class Unfilled extends PortError {
  constructor(readonly unfilled: readonly UnfilledRows[]) {
    super('Conflict', 'rows written meanwhile would have no old form');
  }
}

/**
 * Fills the old form of rows written meanwhile, gives it its name back and makes again what the file took away or changed beside
 * it, all of it or nothing.
 */
export async function putPartBack(session: Session, context: ContractContext, part: ToPutBack): Promise<PutBack> {
  const { effect, release } = part;
  const targets = await targetsOf(await readRetired(session, { release, migration: effect.migration }));
  const filled: Filling[] = [];
  for (const { target, from } of targets)
    filled.push({ target, from: await fillBeforehand(session, target, { from, limits: context }) });
  try {
    return { notes: await session.transaction(() => putBack(session, context, part, filled)) };
  } catch (error) {
    if (error instanceof Unfilled) return { notes: [], unfilled: error.unfilled };
    throw error;
  }
}

type Filling = { readonly target: ColumnToFill; readonly from: Filled };

async function targetsOf(retired: Retired | undefined): Promise<readonly Filling[]> {
  const seen = retired?.changed.seen;
  if (retired === undefined || seen === undefined || retired.isPutBack || retired.isDropped) return [];
  const { objects, changed } = retired;
  const found: Filling[] = [];
  for (const hidden of objects) {
    const { column } = hidden.at;
    const triggers = column === undefined ? undefined : await readSyncTriggers(changed, hidden.of);
    if (column !== undefined && triggers !== undefined)
      found.push({ target: { hidden, triggers, column }, from: { seen, own: [], rows: 0 } });
  }
  return found;
}

async function putBack(
  session: Session,
  context: ContractContext,
  { effect, release, request: { rules, acceptedRows } }: ToPutBack,
  filled: readonly Filling[],
): Promise<readonly string[]> {
  const key = { release, migration: effect.migration };
  const timeoutMs = context.statementTimeoutMs + answerMarginMs;
  await limitTransaction(session, context);
  const retired = await readRetired(session, key);
  if (retired === undefined || retired.isPutBack) {
    // A retire that comes late must find the door closed.
    if (retired === undefined) await noteUndone(session, effect, release);
    return [];
  }
  if (retired.isDropped)
    throw new PortError(
      'Conflict',
      `${nameEffect(effect, 'contract')} on ${context.target}: the old form is dropped; \`spillway restore-kept\` brings its values back`,
    );
  const { objects, changed } = retired;
  const notes: string[] = [];
  for (const drop of changed.added) await session.query(drop);
  for (const object of objects) await session.query(renameBack(object));
  for (const { target, from } of filled) {
    const { of } = target.hidden;
    const { rows } = await fillRest(session, { ...target, column: of.column ?? '' }, { from, limits: context });
    if (rows > 0) notes.push(`${plural(rows, 'row')} written meanwhile got the old form again`);
  }
  const unfilled = [];
  for (const object of objects) {
    const found = await findUnfilled(session, object, { changed, rules, timeoutMs });
    if (found !== undefined) unfilled.push(found);
  }
  if (unfilled.reduce((all, { rows }) => all + rows, 0) > acceptedRows) throw new Unfilled(unfilled);
  const schemas = [...new Set([...context.schemas, ...objects.map(({ of }) => of.schema)])];
  const now = new Map((await readDefinitions(session, schemas)).map(({ key: name, make }) => [name, make]));
  for (const { key: name, make, drop } of changed.before) {
    if (now.get(name) === make) continue;
    if (now.has(name) && drop !== '') await session.query(drop);
    const note = await remake(session, { name, make, timeoutMs });
    if (note !== undefined) notes.push(note);
  }
  await noteUndone(session, effect, release);
  await noteStep(session, key, 'put_back_at');
  return notes;
}

function renameBack({ of, at }: Hidden): string {
  if (of.column !== undefined && at.column !== undefined)
    return `alter table ${qualified(at.schema, at.table)} rename column ${escapeIdentifier(at.column)} to ${escapeIdentifier(of.column)}`;
  const away = qualified(at.schema, at.table);
  return (
    `alter table ${away} rename to ${escapeIdentifier(of.table)};` +
    `alter table ${qualified(at.schema, of.table)} set schema ${escapeIdentifier(of.schema)}`
  );
}

/** An identity wants its column to be not null. */
const wantsNotNull = '55000';

/** Rows that were written meanwhile may not fit a rule of before: it is left out then, and said. */
async function remake(
  session: Session,
  { name, make, timeoutMs }: { readonly name: string; readonly make: string; readonly timeoutMs: number },
): Promise<string | undefined> {
  await session.query('savepoint remake');
  try {
    // An index or a not null of a large table reads all of it.
    await session.query(make, { timeoutMs });
    await session.query('release savepoint remake');
    return undefined;
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === undefined || !(state.startsWith('23') || state === wantsNotNull)) throw error;
    await session.query('rollback to savepoint remake');
    return `${name} is not as it was: rows written meanwhile do not fit it (SQLSTATE ${state})`;
  }
}
