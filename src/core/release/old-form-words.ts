import { clause } from './clause';
import type { ContractPart, ContractState } from './contract-state';

type FormWords = {
  readonly form: string;
  readonly wanted: string;
  /** Its use, while it is looked for. */
  readonly users: string;
  readonly endUsers: string;
  /** What there is while nothing is taken away. */
  readonly kept: string;
  readonly copied: string;
  readonly step: string;
  /** What becomes of it behind the gate, and for good. */
  readonly hiding: string;
  readonly isHidden: string;
  readonly whoFails: string;
  readonly isGoneLater: string;
  readonly goesAt: string;
  readonly removed: string;
  readonly stays: string;
  readonly itStays: string;
  readonly isDropped: string;
  readonly dropping: string;
  readonly gone: string;
  /** What brings it back. */
  readonly back: string;
  readonly oneCommand: string;
  readonly comesBack: string;
  readonly unwatched: string;
};

const ofSchema: FormWords = {
  form: 'the old form',
  wanted: 'the old form',
  users: 'who still reads or writes the old form',
  endUsers: 'end who needs it',
  kept: 'both forms',
  copied: 'what contract removes is copied, and restored from the copy to see that it can be',
  step: 'makes its restore point',
  hiding: 'the old form gets another name',
  isHidden: 'the old form is renamed',
  whoFails: 'the old form has another name; whoever still uses it fails now',
  isGoneLater: 'dropped',
  goesAt: 'it is dropped for good',
  removed: 'the old form is removed',
  stays: 'stays',
  itStays: 'it stays',
  isDropped: 'the old form is dropped',
  dropping: 'the old form is copied a last time and dropped',
  gone: 'the old form is gone',
  back: 'give the old form its name back',
  oneCommand: 'gives its name back',
  comesBack: 'it gets its name back',
  unwatched: 'nothing in the schema depends on the old form, statements were not watched',
};

const ofLogins: FormWords = {
  form: 'the old login',
  wanted: 'the old login',
  users: 'who still uses the old login',
  endUsers: 'end who uses it',
  kept: 'both logins',
  copied: 'no copy is made of a login, whoever manages secrets keeps its password',
  step: 'makes ready for its gate',
  hiding: 'the old login is being closed',
  isHidden: 'the old login is closed',
  whoFails: 'the old login is closed; whoever still uses it is shut out at their next log-in',
  isGoneLater: 'revoked',
  goesAt: 'it is revoked for good',
  removed: 'the old login is revoked',
  stays: 'stays',
  itStays: 'it stays',
  isDropped: 'the old login is revoked',
  dropping: 'the old login loses its password, and sessions that are left are ended',
  gone: 'the old login is revoked: it has no password and no session',
  back: 'open the old login again',
  oneCommand: 'opens it again',
  comesBack: 'it is opened again',
  unwatched: 'nobody is logged in by the old login, statements were not watched',
};

/** Whoever is shut out has to find the login named beside the form. */
const ofBoth: FormWords = {
  form: 'the old form or the old login',
  wanted: 'the old form and the old login',
  users: `${ofSchema.users}, or uses the old login,`,
  endUsers: 'end who needs them',
  kept: `${ofSchema.kept} and ${ofLogins.kept}`,
  copied: `${ofSchema.copied}; ${ofLogins.copied}`,
  step: ofSchema.step,
  hiding: `${ofSchema.hiding}, and ${ofLogins.hiding}`,
  isHidden: `${ofSchema.isHidden} and ${ofLogins.isHidden}`,
  whoFails: `${ofSchema.whoFails}; ${ofLogins.whoFails}`,
  isGoneLater: 'both are gone for good',
  goesAt: 'the form is dropped and the login revoked for good',
  removed: `${ofSchema.removed} and ${ofLogins.removed}`,
  stays: 'both stay',
  itStays: 'both stay',
  isDropped: 'the old form is dropped, the old login revoked',
  dropping: `${ofSchema.dropping}; ${ofLogins.dropping}`,
  gone: `${ofSchema.gone}, and ${ofLogins.gone}`,
  back: `${ofSchema.back} and ${ofLogins.back}`,
  oneCommand: 'gives the form its name back and opens the login again',
  comesBack: 'the form gets its name back, and the login is opened again',
  unwatched:
    'nothing in the schema depends on the old form and nobody is logged in by the old login, statements were not watched',
};

/** Whether a part of a contract, by the key of its effect, takes a login away. */
export const isOfLogin = (effect: string): boolean => effect.startsWith('revoke/');

/** The words for one of two kinds of things, or for both. */
export function wordsFor({ isSchema, isLogin }: { readonly isSchema: boolean; readonly isLogin: boolean }): FormWords {
  if (!isLogin) return ofSchema;
  return isSchema ? ofBoth : ofLogins;
}

/** The words for what a contract takes away: a form of the data, logins, or both. */
export const formWords = ({ parts }: Pick<ContractState, 'parts'>): FormWords =>
  wordsFor({
    isSchema: parts.some(({ effect }) => !isOfLogin(effect)),
    isLogin: parts.some(({ effect }) => isOfLogin(effect)),
  });

/** A reason why a contract stands still, and what shuts people out meanwhile where a login is closed already. */
export function besideShutOut(why: string, parts: readonly ContractPart[]): string {
  const logins = parts.filter(({ effect }) => isOfLogin(effect));
  if (logins.some(({ isDropped }) => isDropped === true)) return `${clause(why)}; ${ofLogins.isDropped}`;
  return logins.some(({ isRenamed }) => isRenamed === true) ? `${clause(why)}; ${ofLogins.isHidden}` : why;
}
