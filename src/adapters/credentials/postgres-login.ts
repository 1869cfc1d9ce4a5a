import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { CredentialsPort, LoginMark } from '../../ports/credentials';
import { PortError } from '../../ports/errors';
import { describeDatabase } from '../postgres/address';
import { toPortError } from '../postgres/errors';
import { withSession, type Session } from '../postgres/session';
import { assertMayChange, assertSameRights } from './login-rights';
import { lockLogin, readMark, writeMark } from './login-mark';
import { dsnOfLogin, logIn } from './log-in';
import { endSessions, readState, readUse } from './login-queries';
import { whyNotIssued } from './may-issue';
import { scramVerifier } from './scram-verifier';
import { usablePassword } from './usable-password';

export type PostgresLoginOptions = {
  readonly dsn: string;
  /** Name of the target, for errors. */
  readonly target: string;
  /** The password of a login as it stands behind its reference now. */
  readonly password: (login: string) => Promise<string>;
};

const saltBytes = 16;

/** Roles of a PostgreSQL server as the logins of one credential. */
export function createPostgresLogin({ dsn, target, password }: PostgresLoginOptions): CredentialsPort {
  const place = describeDatabase(target, dsn);
  const at = (login: string) => ({ login, where: `${place}: login ${login}` });

  async function act<T>(what: string, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await withSession(dsn, 'spillway credentials', work);
    } catch (error) {
      throw toPortError(error, { what, target: place });
    }
  }
  const passwordOf = async (login: string): Promise<string> => usablePassword(await password(login), at(login).where);

  /** One change of a login with its mark; `work` may look at both first. */
  const change = <T>(session: Session, login: string, work: (mark: LoginMark | undefined) => Promise<T>): Promise<T> =>
    session.transaction(async () => {
      await lockLogin(session, login);
      return work(await readMark(session, login));
    });
  const alter = (session: Session, login: string, to: string) =>
    session.query(`alter role ${escapeIdentifier(login)} ${to}`);
  const isMarked = (mark: LoginMark | undefined, release: string, part: LoginMark['part']): boolean =>
    mark?.release === release && mark.part === part;

  /** Nobody logs in any more, then nobody is logged in, then the password goes, each behind the other. */
  async function end(
    session: Session,
    login: string,
    { until, mark, isMeant }: { until: string; mark: LoginMark; isMeant: (found: LoginMark | undefined) => boolean },
  ): Promise<boolean> {
    const isClosed = await change(session, login, async (found) => {
      if (isMeant(found)) await alter(session, login, 'nologin');
      return isMeant(found);
    });
    if (!isClosed) return false;
    await endSessions(session, at(login));
    return change(session, login, async (found) => {
      if (!isMeant(found)) return false;
      await alter(session, login, `nologin password null valid until '${until}'`);
      await writeMark(session, login, mark);
      return true;
    });
  }

  return {
    state: (login) => act(`reading login ${login}`, (session) => readState(session, at(login))),
    mark: (login) => act(`reading login ${login}`, (session) => readMark(session, login)),
    check: async ({ login, from }) => {
      await passwordOf(login);
      dsnOfLogin(dsn, { target, login, secret: '' });
      await act(`looking at logins ${login} and ${from}`, async (session) => {
        for (const each of [login, from]) await assertMayChange(session, at(each), each === login);
        await assertSameRights(session, at(login), from);
      });
    },
    issue: async ({ login, from, release }) => {
      const secret = await passwordOf(login);
      const verifier = await scramVerifier(secret, randomBytes(saltBytes));
      await act(`making login ${login} valid`, (session) =>
        change(session, login, async (mark) => {
          const why = whyNotIssued({ state: await readState(session, at(login)), mark }, release);
          if (why !== undefined) throw new PortError('Conflict', `${at(login).where} is not made valid: ${why}`);
          await alter(session, login, `login password ${escapeLiteral(verifier)} valid until 'infinity'`);
          await writeMark(session, login, { release, part: 'new' });
          await writeMark(session, from, { release, part: 'old' });
        }),
      );
      await logIn(dsn, { target, place, login, secret });
    },
    withdraw: ({ login, from, release }, to) =>
      act(`taking login ${login} back`, async (session) => {
        const mark = { release, part: 'back' } as const;
        const isMeant = (found: LoginMark | undefined): boolean => isMarked(found, release, 'new');
        const until = to === 'revoked' ? '-infinity' : 'infinity';
        const isEnded = await end(session, login, { until, mark, isMeant });
        await change(session, login, async (found) => {
          // What was never issued must not be issued late.
          const isFree = found === undefined || found.part === 'back' || found.part === 'revoked';
          if (!isEnded && isFree && (await readState(session, at(login))) === to) await writeMark(session, login, mark);
          if (isMarked(await readMark(session, from), release, 'old')) await writeMark(session, from, undefined);
        });
      }),
    close: (login, release) =>
      act(`closing login ${login}`, (session) =>
        change(session, login, async (mark) => {
          if (isMarked(mark, release, 'old')) await alter(session, login, 'nologin');
        }),
      ),
    reopen: (login, release) =>
      act(`opening login ${login} again`, (session) =>
        change(session, login, async (mark) => {
          if ((await readState(session, at(login))) === 'revoked')
            throw new PortError(
              'Rejected',
              `${at(login).where}: it is revoked and its password gone; only a release that rotates to it makes it valid`,
            );
          if (isMarked(mark, release, 'old')) await alter(session, login, 'login');
        }),
      ),
    revoke: (login, release) =>
      act(`revoking login ${login}`, async (session) => {
        const isMeant = (found: LoginMark | undefined): boolean => isMarked(found, release, 'old');
        await end(session, login, { until: '-infinity', mark: { release, part: 'revoked' }, isMeant });
      }),
    use: (login) => act(`looking who uses login ${login}`, (session) => readUse(session, at(login))),
  };
}
