import { PortError, type PortErrorCode } from '../../../ports/errors';

export type Remote = {
  /** How errors begin: the target and its repository. */
  readonly where: string;
  readonly url: string;
  readonly branch: string;
  readonly redact: (text: string) => string;
};

type Known = { readonly said: RegExp; readonly why: string; readonly next: string };

const refusals: readonly Known[] = [
  {
    said: /Authentication failed|could not read (Username|Password)|Permission denied|Host key verification failed|returned error: 40[13]/,
    why: 'refuses the worker',
    next: 'check the credentials or the key of the worker, and for ssh its known_hosts',
  },
  {
    said: /dubious ownership/,
    why: 'belongs to another user of this machine, and git runs nothing of theirs',
    next: 'give it to the user of the worker, or name it by ssh or https',
  },
  {
    said: /does not appear to be a git repository|[Rr]epository .*not found|returned error: (404|410)/,
    why: 'is no git repository, or is hidden from the worker',
    next: 'correct `repository`, or let the worker read it',
  },
  { said: /redirect|returned error: 30\d/, why: 'sends elsewhere', next: 'name the address it sends to' },
];

const longest = 400;

/** What git or a remote said, in one line of plain text. */
export function spoken(text: string, redact: (text: string) => string): string {
  const lines = redact(text)
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\x1b\[[0-9;]*[A-Za-z]/g, '').replaceAll(/\p{Cc}/gu, ' '))
    .map((line) => line.replace(/^remote: ?/, '').trim())
    .filter((line) => line !== '');
  const line = lines.join(' / ');
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** Why a remote gave or took nothing, from what git wrote about it. */
export function remoteFault({ where, branch, redact }: Remote, stderr: string): PortError {
  const fault = (code: PortErrorCode, why: string, next: string) =>
    new PortError(code, `${where}: ${why}; ${next}. Git says: ${spoken(stderr, redact)}`);
  if (/couldn't find remote ref/.test(stderr))
    return fault('Rejected', `there is no branch ${branch}`, 'make it with a first commit, or correct `branch`');
  const known = refusals.find(({ said }) => said.test(stderr));
  if (known !== undefined) return fault('Rejected', `the repository ${known.why}`, known.next);
  return fault('TargetUnavailable', 'the repository does not answer', 'bring it back, it is tried again');
}
