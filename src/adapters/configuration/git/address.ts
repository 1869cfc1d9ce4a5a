import { resolve } from 'node:path';
import { PortError } from '../../../ports/errors';
import { createRedactor } from '../../secrets';

/** Where a repository is, apart from the credentials for it. */
export type GitAddress = {
  /** Without credentials: other processes of the machine see what git is called with. */
  readonly url: string;
  /** The same as errors name it, without a query, which may hold a token. */
  readonly shown: string;
  /** Value of the header `authorization` for http and https. */
  readonly authorization?: string;
  /** Takes the credentials out of what a remote says. */
  readonly redact: (text: string) => string;
};

/** Everything else may start a program, or be read as an option. */
export const allowedProtocols = ['file', 'git', 'http', 'https', 'ssh'] as const;

/**
 * Reads what `repository` holds once its secret is resolved: a URL, `user@host:path`, or a path of this machine.
 * @throws PortError `Rejected`, which does not repeat it.
 */
export function parseGitAddress(repository: string, target: string): GitAddress {
  const refuse = (why: string): never => {
    throw new PortError('Rejected', `${target}: \`repository\` ${why}; correct it where it is kept, then try again`);
  };
  if (repository.startsWith('-') || repository.includes('::') || /\p{Cc}/u.test(repository))
    return refuse('is no address that git may be given');
  const [, protocol] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(repository) ?? [];
  if (protocol === undefined) {
    const isRemote = /^[^/]+:/.test(repository);
    const place = isRemote ? repository : resolve(repository);
    return { url: place, shown: place, redact: createRedactor([]) };
  }
  if (!allowedProtocols.some((each) => each === protocol.toLowerCase()) || !URL.canParse(repository))
    return refuse(`is no URL of one of ${allowedProtocols.join(', ')}`);
  const url = new URL(repository);
  const { username, password, search } = url;
  const isWeb = /^https?:$/.test(url.protocol);
  const [shown = ''] = (isWeb ? url.href.replace(/\/\/[^/@]*@/, '//') : repository).split(/[?#]/);
  if (!isWeb && password !== '') return refuse('has a password that git could not use there: ssh takes a key');
  if (!isWeb || (username === '' && password === ''))
    return { url: repository, shown, redact: createRedactor([search]) };
  url.username = '';
  url.password = '';
  const plain = `${decode(username)}:${decode(password)}`;
  const authorization = `Basic ${Buffer.from(plain).toString('base64')}`;
  const tokens = password === '' ? [username, decode(username)] : [password, decode(password)];
  const redact = createRedactor([repository, search, authorization.slice('Basic '.length), ...tokens]);
  return { url: url.href, shown, authorization, redact };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // Not percent-encoded: the raw form is meant.
  }
}
