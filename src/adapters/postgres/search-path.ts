import { escapeIdentifier } from 'pg';
import type { Session } from './session';

/** Runs `work` in the running transaction with `schema` alone on the search path: names of it are written without their schema then. */
export async function withSearchPath<T>(session: Session, schema: string, work: () => Promise<T>): Promise<T> {
  const before = await readSearchPath(session);
  await setSearchPath(session, escapeIdentifier(schema));
  const value = await work();
  await setSearchPath(session, before);
  return value;
}

/** Looks in `schemas` first, for the rest of the running transaction, and then where the user does. */
export async function searchFirst(session: Session, schemas: readonly string[]): Promise<void> {
  const before = await readSearchPath(session);
  await setSearchPath(session, [...schemas.map(escapeIdentifier), ...(before === '' ? [] : [before])].join(', '));
}

async function readSearchPath(session: Session): Promise<string> {
  const { rows } = await session.query<{ path: string }>(`select current_setting('search_path') as path`);
  return rows[0]?.path ?? '';
}

async function setSearchPath(session: Session, path: string): Promise<void> {
  await session.query(`select set_config('search_path', $1, true)`, { values: [path] });
}
