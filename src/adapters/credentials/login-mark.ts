import { escapeIdentifier, escapeLiteral } from 'pg';
import type { LoginMark } from '../../ports/credentials';
import type { Session } from '../postgres/session';

const format = /^spillway: (new|back|old|revoked) by release ([\w.-]{1,100})$/;

const isPart = (text: string | undefined): text is LoginMark['part'] =>
  text !== undefined && ['new', 'back', 'old', 'revoked'].includes(text);

/** The comment of a role is the one place beside it that is changed in the same transaction. */
export async function readMark(session: Session, login: string): Promise<LoginMark | undefined> {
  const { rows } = await session.query<{ comment: string | null }>(
    `select shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = $1`,
    { values: [login] },
  );
  const [, part, release] = format.exec(rows[0]?.comment ?? '') ?? [];
  return isPart(part) && release !== undefined ? { part, release } : undefined;
}

export async function writeMark(session: Session, login: string, mark: LoginMark | undefined): Promise<void> {
  const text = mark === undefined ? 'null' : escapeLiteral(`spillway: ${mark.part} by release ${mark.release}`);
  await session.query(`comment on role ${escapeIdentifier(login)} is ${text}`);
}

/** One change of a login after the other, whichever worker makes it; until the transaction ends. */
export async function lockLogin(session: Session, login: string): Promise<void> {
  await session.query("select pg_advisory_xact_lock(hashtextextended('spillway login ' || $1, 0))", {
    values: [login],
  });
}
