import type { CredentialsPort, LoginMark, LoginState } from '../../ports/credentials';
import { PortError } from '../../ports/errors';
import { whyNotIssued } from './may-issue';
import { usablePassword } from './usable-password';

type Login = { state: LoginState; mark?: LoginMark; password?: string; calls: number; sessions: Set<string> };

/** The logins of one credential in memory. */
export type MemoryCredentials = CredentialsPort & {
  /** Somebody logs in and stays; throws where the server would refuse. */
  logIn(login: string, password: string, as: string): void;
  logOut(login: string, as: string): void;
  /** Another release makes a login valid, whatever stood against it. */
  takeOver(login: string, release: string): void;
};

export type MemoryCredentialsOptions = {
  /** The logins there are, with the passwords behind their references. */
  readonly passwords: { readonly [login: string]: string };
  /** Those that may log in from the start. */
  readonly open: readonly string[];
  readonly now?: () => number;
};

export function createMemoryCredentials({
  passwords,
  open,
  now = () => Date.now(),
}: MemoryCredentialsOptions): MemoryCredentials {
  const logins = new Map<string, Login>(
    Object.entries(passwords).map(([name, password]) => [
      name,
      open.includes(name)
        ? { state: 'open', password, calls: 0, sessions: new Set() }
        : { state: 'closed', calls: 0, sessions: new Set() },
    ]),
  );
  const find = (name: string): Login => {
    const login = logins.get(name);
    if (login !== undefined) return login;
    throw new PortError('Rejected', `there is no login ${name}; create it`);
  };
  const passwordOf = (name: string): string => usablePassword(passwords[name] ?? '', `login ${name}`);
  const soon = async <T>(work: () => T): Promise<T> => {
    await Promise.resolve();
    return work();
  };
  const isMarked = ({ mark }: Login, release: string, part: LoginMark['part']): boolean =>
    mark?.release === release && mark.part === part;
  const end = (login: Login, state: 'closed' | 'revoked', mark: LoginMark): void => {
    login.sessions.clear();
    delete login.password;
    Object.assign(login, { state, mark });
  };
  return {
    state: (name) => soon(() => find(name).state),
    mark: (name) => soon(() => find(name).mark),
    check: ({ login, from }) =>
      soon(() => {
        find(from);
        find(login);
        passwordOf(login);
      }),
    issue: ({ login: name, from, release }) =>
      soon(() => {
        const login = find(name);
        const password = passwordOf(name);
        const why = whyNotIssued({ state: login.state, mark: login.mark }, release);
        if (why !== undefined) throw new PortError('Conflict', `login ${name} is not made valid: ${why}`);
        Object.assign(login, { state: 'open', password, mark: { release, part: 'new' } });
        find(from).mark = { release, part: 'old' };
      }),
    withdraw: ({ login: name, from, release }, to) =>
      soon(() => {
        const login = find(name);
        const isFree = login.mark === undefined || login.mark.part === 'back' || login.mark.part === 'revoked';
        if (isMarked(login, release, 'new')) end(login, to, { release, part: 'back' });
        else if (isFree && login.state === to) login.mark = { release, part: 'back' };
        if (isMarked(find(from), release, 'old')) delete find(from).mark;
      }),
    close: (name, release) =>
      soon(() => {
        const login = find(name);
        if (isMarked(login, release, 'old') && login.state === 'open') login.state = 'closed';
      }),
    reopen: (name, release) =>
      soon(() => {
        const login = find(name);
        if (login.state === 'revoked')
          throw new PortError('Rejected', `login ${name} is revoked; rotate to it instead`);
        if (isMarked(login, release, 'old')) login.state = 'open';
      }),
    revoke: (name, release) =>
      soon(() => {
        const login = find(name);
        if (isMarked(login, release, 'old')) end(login, 'revoked', { release, part: 'revoked' });
      }),
    use: (name) =>
      soon(() => {
        const { calls, sessions } = find(name);
        return { atMs: now(), sessions: [...sessions], unlistedCount: 0, calls, epoch: '' };
      }),
    logIn: (name, password, as) => {
      const login = find(name);
      if (login.state !== 'open' || login.password !== password)
        throw new PortError('Rejected', `login ${name} is refused`);
      login.calls += 1;
      login.sessions.add(as);
    },
    takeOver: (name, release) =>
      void Object.assign(find(name), { state: 'open', password: passwordOf(name), mark: { release, part: 'new' } }),
    logOut: (name, as) => void find(name).sessions.delete(as),
  };
}
