import { PortError } from '../../ports/errors';
import { toPortError } from '../postgres/errors';
import { withSession } from '../postgres/session';

type Login = { readonly target: string; readonly login: string; readonly secret: string };

/** The same server and database for another user. */
export function dsnOfLogin(dsn: string, { target, login, secret }: Login): string {
  const url = URL.canParse(dsn) ? new URL(dsn) : undefined;
  // An address without a host takes no user.
  if (url === undefined || url.hostname === '') {
    const next = 'write postgres://user:password@host:port/database behind its secret reference';
    throw new PortError(
      'Rejected',
      `${target}: its DSN is no URL with a host, so nobody else can log in by it; ${next}`,
    );
  }
  url.username = encodeURIComponent(login);
  url.password = encodeURIComponent(secret);
  // They would win over the user of the URL.
  for (const name of ['user', 'password']) url.searchParams.delete(name);
  return url.href;
}

/** @throws PortError when the server does not let the login in, or takes it for another one. */
export async function logIn(
  dsn: string,
  { target, place, login, secret }: Login & { readonly place: string },
): Promise<void> {
  try {
    await withSession(dsnOfLogin(dsn, { target, login, secret }), 'spillway credentials', async (session) => {
      const { rows } = await session.query<{ user: string }>('select session_user::text as user');
      if (rows[0]?.user === login) return;
      throw new PortError('Rejected', `${place}: whoever logs in as ${login} is ${rows[0]?.user} there`);
    });
  } catch (error) {
    throw toPortError(error, { what: `logging in as ${login}, which may log in now,`, target: place });
  }
}
