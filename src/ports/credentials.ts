/**
 * What a login is: `open` may log in, `closed` may not and is as good as before, `revoked` has lost its password too.
 */
export type LoginState = 'open' | 'closed' | 'revoked';

/**
 * Which release changed a login last, and as what: made valid (`new`), taken back, or the one that it leaves (`old`) and has
 * revoked. Absent where no release has.
 */
export type LoginMark = { readonly release: string; readonly part: 'new' | 'back' | 'old' | 'revoked' };

/** Who uses a login, as far as it can be seen at one moment. */
export type LoginUse = {
  /** By the clock of the target, epoch milliseconds. */
  readonly atMs: number;
  /** Sessions that are open, e.g. `billing from 10.0.0.7`; no more than ten. */
  readonly sessions: readonly string[];
  /** How many there are beside them. */
  readonly unlistedCount: number;
  /** Statements that it ran so far; undefined where they cannot be counted. */
  readonly calls?: number;
  /** Another one than before: what was counted began anew, or some of it was forgotten. */
  readonly epoch?: string;
  /** Why what it does between two looks cannot be seen, and what to do. */
  readonly blind?: string;
};

/** A release makes `login` valid beside `from`, the one in use. */
type Handover = { readonly login: string; readonly from: string; readonly release: string };

/**
 * The logins of one credential: two, of which one is in use and the other one free. Every change is marked with its release in
 * one step, and a release changes nothing that another one has changed since.
 */
export interface CredentialsPort {
  /** @throws PortError `Rejected` for a login that is not there. */
  state(login: string): Promise<LoginState>;
  mark(login: string): Promise<LoginMark | undefined>;
  /**
   * Whether `login` could be issued and `from` revoked: the secret is there and fit to be used, both have the same rights, and
   * the target lets us change both.
   * @throws PortError `Rejected` saying what is missing.
   */
  check(handover: Pick<Handover, 'login' | 'from'>): Promise<void>;
  /**
   * The login may log in, with the password that stands behind its reference now; idempotent. It is proved by logging in.
   * @throws PortError `Conflict` for one that is open and not by this release, that contract of another one has not let go, or that
   * this release has taken back already.
   */
  issue(handover: Handover): Promise<void>;
  /** Takes back what this release issued: no password, no session, and the state of before; else a no-op. */
  withdraw(handover: Handover, to: Exclude<LoginState, 'open'>): Promise<void>;
  /** Nobody logs in any more by what the release leaves; sessions that are open go on. */
  close(login: string, release: string): Promise<void>;
  /**
   * Takes a `close` back.
   * @throws PortError `Rejected` for a login that is revoked.
   */
  reopen(login: string, release: string): Promise<void>;
  /** Ends the sessions of what the release leaves, then takes its password; in this order, so that a half can be taken back. */
  revoke(login: string, release: string): Promise<void>;
  use(login: string): Promise<LoginUse>;
}
