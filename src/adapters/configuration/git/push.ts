import { PortError } from '../../../ports/errors';
import { remoteFault, spoken, type Remote } from './faults';
import type { Mirror } from './mirror';

export type Pushed = {
  readonly commit: string;
  /** Where the branch must still be. */
  readonly onto: string;
  readonly byMs: number;
};

const raced = /lock|failed to update ref|incorrect old value/;

/**
 * Brings the branch from one exact commit to the next. It never forces: the commit follows the one that must be there.
 * @returns false when the branch is not there any more, because somebody else pushed.
 * @throws PortError `Rejected` with the words of the remote when it refuses.
 */
export async function push(mirror: Mirror, { commit, onto, byMs }: Pushed, remote: Remote): Promise<boolean> {
  const { url, branch, where, redact } = remote;
  const ref = `refs/heads/${branch}`;
  const args = ['push', '--porcelain', '--no-follow-tags', `--force-with-lease=${ref}:${onto}`];
  const { exitCode, stdout, stderr } = await mirror.git([...args, '--', url, `${commit}:${ref}`], { byMs });
  if (exitCode === 0) return true;
  const refusal = /^!\t[^\t]*\t(.*)$/m.exec(stdout.toString())?.[1];
  if (refusal === undefined) throw remoteFault(remote, stderr);
  if (!refusal.startsWith('[remote rejected]') || raced.test(refusal)) return false;
  // A remote may name a lost race in words of its own.
  if ((await mirror.fetch(byMs)) !== onto) return false;
  const said = spoken(
    stderr
      .split('\n')
      .filter((line) => line.startsWith('remote:'))
      .join('\n'),
    redact,
  );
  const why = `${spoken(refusal.replace('[remote rejected]', ''), redact)}${said === '' ? '' : `: ${said}`}`;
  const next = `let the worker push to ${branch}, or mend what the remote objects to, then try again`;
  throw new PortError('Rejected', `${where}: the remote refuses the push ${why}; ${next}`);
}
