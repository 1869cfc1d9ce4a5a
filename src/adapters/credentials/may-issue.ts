import type { LoginMark, LoginState } from '../../ports/credentials';

type Account = { readonly state: LoginState; readonly mark: LoginMark | undefined };

/** Why a release may not issue a login; undefined when it may. */
export function whyNotIssued({ state, mark }: Account, release: string): string | undefined {
  const isOwn = mark?.release === release;
  if (isOwn && mark.part === 'back') return 'this release has taken it back already';
  if (state === 'open' && !(isOwn && mark.part === 'new'))
    return 'it may log in already, and not by this release: whoever uses it would lose their password';
  if (!isOwn && state === 'closed' && mark?.part === 'old')
    return `release ${mark.release} has closed it and not revoked it yet: let that contract come to its end`;
  return undefined;
}
