import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../../ports/errors';
import { fileFault } from '../../file-fault';
import { createGit, type Git, type GitSettings } from './command';
import { remoteFault, spoken, type Remote } from './faults';

/** The copy at hand is damaged or gone: nothing is lost, and a new one is made. */
export class MirrorFault extends Error {
  override readonly name = 'MirrorFault';
}

export type Mirror = {
  readonly directory: string;
  readonly git: Git;
  /** Git on what is here: whatever fails is a fault of the copy. */
  local(...call: Parameters<Git>): Promise<Buffer>;
  /** The commit that the branch is at now. */
  fetch(byMs: number): Promise<string>;
};

const headRef = 'refs/spillway/head';
const oldest = [2, 34] as const;
const damaged =
  /not a git repository|bad object|corrupt|unable to (read|create|write)|missing (blob|tree|commit)|index-pack|unpack-objects/;

/** A bare copy of the branch in a new directory that nobody else may read. */
export async function openMirror(settings: GitSettings, remote: Remote, byMs: number): Promise<Mirror> {
  const directory = await newDirectory(settings.scratch, remote.where);
  try {
    const git = createGit(settings, join(directory, 'home'));
    await checkVersion(git, remote, byMs);
    const repository = join(directory, 'repository');
    const made = await git(['init', '--quiet', '--bare', '--template=', repository], { byMs });
    if (made.exitCode !== 0) throw unusable(remote, settings.scratch, made.stderr);
    const here: Git = (args, call) => git(args, { ...call, variables: { ...call.variables, GIT_DIR: repository } });
    return mirrorAt(directory, here, remote);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function mirrorAt(directory: string, git: Git, remote: Remote): Mirror {
  const local: Mirror['local'] = async (args, call) => {
    const { exitCode, stdout, stderr } = await git(args, call);
    if (exitCode === 0) return stdout;
    throw new MirrorFault(`git ${args[0]}: ${spoken(stderr, remote.redact)}`);
  };
  return {
    directory,
    git,
    local,
    async fetch(byMs) {
      const { url, branch } = remote;
      const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', url];
      const { exitCode, stderr } = await git([...args, `+refs/heads/${branch}:${headRef}`], { byMs });
      if (exitCode !== 0 && damaged.test(stderr) && !/does not appear/.test(stderr))
        throw new MirrorFault(spoken(stderr, remote.redact));
      if (exitCode !== 0) throw remoteFault(remote, stderr);
      return (await local(['rev-parse', '--verify', `${headRef}^{commit}`], { byMs })).toString().trim();
    },
  };
}

async function newDirectory(scratch: string, where: string): Promise<string> {
  try {
    // Its own, and not to be guessed: in a directory that everybody writes to, nobody can put a copy there beforehand.
    const directory = await mkdtemp(join(scratch, 'spillway-git-'));
    await mkdir(join(directory, 'home'));
    return directory;
  } catch (error) {
    throw fileFault('written', `${where}: copy in ${scratch}`, error);
  }
}

async function checkVersion(git: Git, { where }: Remote, byMs: number): Promise<void> {
  const { stdout } = await git(['version'], { byMs });
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(stdout.toString()) ?? [];
  const isOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  if (!isOld) return;
  const found = stdout.toString().trim().slice(0, 60);
  throw new PortError('Rejected', `${where}: ${found} is too old; install git ${oldest.join('.')} or newer`);
}

const unusable = ({ where, redact }: Remote, scratch: string, stderr: string): PortError =>
  new PortError(
    'TargetUnavailable',
    `${where}: no copy can be made in ${scratch}. Git says: ${spoken(stderr, redact)}`,
  );
