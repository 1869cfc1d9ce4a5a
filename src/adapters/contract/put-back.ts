import { escapeIdentifier } from 'pg';
import { PortError } from '../../ports/errors';
import type { PutBack } from '../../ports/contract';
import type { MigrateEffect } from '../../ports/migrations';
import { nameEffect } from '../migrations/ledger';
import { noteUndone } from '../migrations/ledger-table';
import { limitTransaction } from '../migrations/sql-file';
import { sqlStateOf } from '../postgres/errors';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { readDefinitions } from './definitions';
import { qualified } from './removed';
import { noteStep, readRetired, type Hidden } from './retired';

/** Gives the old form its name back and makes again what the file took away or changed beside it. */
export async function putPartBack(
  session: Session,
  context: ContractContext,
  { effect, release }: { readonly effect: MigrateEffect; readonly release: string },
): Promise<PutBack> {
  const key = { release, migration: effect.migration };
  const notes: string[] = [];
  await session.transaction(async () => {
    await limitTransaction(session, context);
    const retired = await readRetired(session, key);
    if (retired === undefined || retired.isPutBack) {
      // A retire that comes late must find the door closed.
      if (retired === undefined) await noteUndone(session, effect, release);
      return;
    }
    if (retired.isDropped)
      throw new PortError(
        'Conflict',
        `${nameEffect(effect, 'contract')} on ${context.target}: the old form is dropped; \`spillway restore-kept\` brings its values back`,
      );
    for (const drop of retired.changed.added) await session.query(drop);
    for (const object of retired.objects) await session.query(renameBack(object));
    const schemas = [...new Set([...context.schemas, ...retired.objects.map(({ of }) => of.schema)])];
    const now = new Map((await readDefinitions(session, schemas)).map(({ key: name, make }) => [name, make]));
    for (const { key: name, make, drop } of retired.changed.before) {
      if (now.get(name) === make) continue;
      if (now.has(name) && drop !== '') await session.query(drop);
      await remake(session, { name, make }, notes);
    }
    await noteUndone(session, effect, release);
    await noteStep(session, key, 'put_back_at');
  });
  return { notes };
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

/** Rows that were written meanwhile may not fit a rule of before: it is left out then, and said. */
async function remake(
  session: Session,
  { name, make }: { readonly name: string; readonly make: string },
  notes: string[],
): Promise<void> {
  await session.query('savepoint remake');
  try {
    await session.query(make);
    await session.query('release savepoint remake');
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === undefined || !state.startsWith('23')) throw error;
    await session.query('rollback to savepoint remake');
    notes.push(`${name} is not as it was: rows written meanwhile do not fit it (SQLSTATE ${state})`);
  }
}
