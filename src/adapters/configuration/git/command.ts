import { PortError } from '../../../ports/errors';
import { runCommand } from '../../run-command';
import { allowedProtocols } from './address';

const mostOutputBytes = 16 * 1024 * 1024;

/** What git needs of the worker's variables; its others may hold secrets. */
const passedOn =
  /^(PATH|TMPDIR|USER|LOGNAME|SSH_AUTH_SOCK|GIT_SSH_COMMAND|GIT_SSL_CAINFO|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy)$/i;

export type GitSettings = {
  /** How errors begin: the target and its repository. */
  readonly where: string;
  /** Where copies of repositories are made. */
  readonly scratch: string;
  /** The worker's variables. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** Options of git's own, beside those that hold for every call; not seen by other users of the machine. */
  readonly options?: { readonly [name: string]: string };
};

type GitCall = {
  /** When it must have ended, in milliseconds since the epoch. */
  readonly byMs: number;
  readonly input?: Uint8Array;
  readonly variables?: { readonly [name: string]: string };
};

type GitAnswer = { readonly exitCode: number; readonly stdout: Buffer; readonly stderr: string };
export type Git = (args: readonly string[], call: GitCall) => Promise<GitAnswer>;

const fixedOptions = {
  'core.hooksPath': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.fsmonitor': 'false',
  'credential.helper': '',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'log.showSignature': 'false',
  // Credentials go to the address they were given for and nowhere else.
  'http.followRedirects': 'false',
};

/**
 * The command line of git without a shell, and without what the machine or a user has set for it.
 * @throws PortError `Rejected` without git, `TargetUnavailable` when it does not end in time.
 */
export function createGit({ where, environment, options = {} }: Omit<GitSettings, 'scratch'>, home: string): Git {
  const settings = Object.entries({ ...fixedOptions, ...options });
  const variables = {
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => passedOn.test(name))),
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: 'C',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_ALLOW_PROTOCOL: allowedProtocols.join(':'),
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([name, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, name],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
  const leftMs = (byMs: number): number => Math.max(1, byMs - Date.now());
  return async (args, { byMs, input, variables: more }) => {
    const late = (): never => {
      const next = 'Look whether the repository hangs, or give it a longer `timeout`; it is tried again.';
      throw new PortError('TargetUnavailable', `${where}: git ${args[0]} did not end in time. ${next}`);
    };
    if (Date.now() >= byMs) return late();
    const argv = ['git', ...args];
    const found = await runCommand({
      argv,
      input,
      environment: { ...variables, ...more },
      timeoutMs: leftMs(byMs),
      mostOutputBytes,
    });
    switch (found.kind) {
      case 'ended':
        if (found.stdout.isCut) throw new PortError('Rejected', `${where}: ${tooLarge}`);
        return { exitCode: found.exitCode, stdout: found.stdout.bytes, stderr: found.stderr.text };
      case 'timed-out':
        return late();
      case 'killed':
        throw new PortError('TargetUnavailable', `${where}: git was killed (${found.signal}); it is tried again.`);
      case 'not-started':
        throw notStarted(where, found.code);
    }
  };
}

const tooLarge = 'a document is larger than 16 MB; keep what is no configuration elsewhere';

const notStarted = (where: string, code: string): PortError =>
  code === 'ENOENT' || code === 'EACCES'
    ? new PortError(
        'Rejected',
        `${where}: there is no git on the PATH of the worker; install git 2.34 or newer (Debian: apt-get install git)`,
      )
    : new PortError('TargetUnavailable', `${where}: git could not be started (${code}); it is tried again.`);
