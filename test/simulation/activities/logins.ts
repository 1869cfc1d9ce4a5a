import type { Effect, SealedEffect } from '../../../src/core/plan/effects';
import { whyNotIssued } from '../../../src/adapters/credentials/may-issue';
import type { Login } from '../world';
import { change, Fault, type Calls, type Doing, type Input, type Models, type Steps } from './model';
import { ask } from './splits';

type Rotate = Extract<Effect, { kind: 'rotate' }>;
type Revoke = Extract<Effect, { kind: 'revoke' }>;

export const isRevoke = ({ effect }: SealedEffect): boolean => effect.kind === 'revoke';

function loginOf({ world }: Doing, name: string): Login {
  const login = world.logins[name];
  if (login === undefined) throw new Fault('Rejected', `there is no login ${name}`, false);
  return login;
}

/** One step of a contract at the login that goes; whoever has made it valid again keeps it. */
export function* stepLogin(
  doing: Doing,
  { permit, sealed }: Input,
  [what, from, to]: readonly [what: string, from: Login['state'], to: Login['state']],
): Steps {
  const { login: name } = sealed.effect as unknown as Revoke;
  yield 'database';
  const login = loginOf(doing, name);
  if (login.mark?.release === permit.seal.firstRunId && login.mark.part === 'old' && login.state === from)
    change(doing, `${what} ${name}`, () => {
      login.state = to;
      if (to === 'revoked') login.mark = { release: permit.seal.firstRunId, part: 'revoked' };
    });
  yield 'database';
  return what;
}

/** The new login becomes valid, and goes back to what it was; by the marks of the real code. */
export const logins: Models = {
  *issueLogin(doing, { permit, sealed }) {
    const { login: name, from } = sealed.effect as unknown as Rotate;
    const release = permit.seal.firstRunId;
    yield* ask(doing);
    yield 'database';
    const login = loginOf(doing, name);
    const why = whyNotIssued({ state: login.state, mark: login.mark }, release);
    if (why !== undefined) throw new Fault('Conflict', why, false);
    change(doing, `issue ${name}`, () => {
      Object.assign(login, { state: 'open', mark: { release, part: 'new' } });
      loginOf(doing, from).mark = { release, part: 'old' };
    });
    yield 'database';
    return 'logs in';
  },
  *withdrawLogin(doing, { permit, sealed, onlyVerify, kept }) {
    const { target, login: name, from } = sealed.effect as unknown as Rotate;
    const before = kept.snapshot.world.credentials?.[target]?.[name];
    if (before !== 'closed' && before !== 'revoked') throw new Fault('Rejected', 'the snapshot does not say', false);
    if (!onlyVerify) yield* withdraw(doing, { name, from, release: permit.seal.firstRunId }, before);
    yield 'database';
    if (loginOf(doing, name).state !== before) throw new Fault('NotConverged', 'it is open', true);
    return 'as before';
  },
};

function* withdraw(
  doing: Doing,
  { name, from, release }: { readonly name: string; readonly from: string; readonly release: string },
  before: 'closed' | 'revoked',
): Calls {
  yield 'database';
  const [login, old] = [loginOf(doing, name), loginOf(doing, from)];
  const { part } = login.mark ?? {};
  const isOurs = part === 'new' && login.mark?.release === release;
  const isFree = part === undefined || part === 'back' || part === 'revoked';
  if (isOurs || (isFree && login.state === before))
    change(doing, isOurs ? `withdraw ${name}` : `mark ${name}`, () => {
      Object.assign(login, { state: before, mark: { release, part: 'back' } });
    });
  if (old.mark?.part === 'old' && old.mark.release === release) delete old.mark;
}
