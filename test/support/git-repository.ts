import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfigurationGit, type ConfigurationGitOptions } from '../../src/adapters/configuration/git';
import { temporaryDirectory } from './temporary-directory';

export type GitRepository = Awaited<ReturnType<typeof gitRepository>>;

const somebody = (name: string): { readonly [variable: string]: string } => ({
  GIT_AUTHOR_NAME: name,
  GIT_AUTHOR_EMAIL: `${name}@example.com`,
  GIT_COMMITTER_NAME: name,
  GIT_COMMITTER_EMAIL: `${name}@example.com`,
});

/** A real bare repository whose branch `main` has one commit, and people who push to it. */
export async function gitRepository() {
  const directory = await temporaryDirectory();
  const path = join(directory.path, 'config.git');
  let present = path;
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory.path,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    LC_ALL: 'C',
  };
  const run = (args: readonly string[], input: string | Buffer = '', more: { readonly [name: string]: string } = {}) =>
    execFileSync('git', [`--git-dir=${present}`, ...args], {
      input,
      env: { ...environment, ...more },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  const git = (...args: string[]): string => run(args).toString().trim();
  execFileSync('git', ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', path], {
    env: environment,
  });

  /** Somebody's commit that gives a path these bytes, or removes it. */
  function write(file: string, content: string | Buffer | undefined, by = 'ada', mode = '100644'): string {
    const index = { GIT_INDEX_FILE: join(directory.path, `index-${process.hrtime.bigint()}`) };
    const head = git('for-each-ref', '--format=%(objectname)', 'refs/heads/main');
    if (head !== '') run(['read-tree', head], '', index);
    const object =
      content === undefined ? '0'.repeat(40) : run(['hash-object', '-w', '--stdin'], content).toString().trim();
    run(['update-index', '-z', '--index-info'], `${content === undefined ? '0' : mode} ${object}\t${file}\0`, index);
    const tree = run(['write-tree'], '', index).toString().trim();
    const parents = head === '' ? [] : ['-p', head];
    const commit = run(['commit-tree', tree, ...parents], `${by} changes ${file}\n`, somebody(by))
      .toString()
      .trim();
    run(['update-ref', 'refs/heads/main', commit]);
    return commit;
  }
  write('README', 'configuration\n');

  return {
    path,
    directory: directory.path,
    git,
    write,
    bytes: (file: string): Buffer | undefined =>
      git('ls-tree', 'main', '--', file) === '' ? undefined : run(['cat-file', 'blob', `main:${file}`]),
    mode: (file: string): string => git('ls-tree', 'main', '--', file).split(' ')[0] ?? '',
    /** Subjects of the commits, the newest first. */
    subjects: (): readonly string[] => git('log', '--format=%s', 'main').split('\n'),
    /** What the repository runs at a push. */
    setHook(name: 'pre-receive' | 'update' | 'post-receive', script: string | undefined): void {
      const file = join(path, 'hooks', name);
      rmSync(file, { force: true });
      if (script === undefined) return;
      execFileSync('mkdir', ['-p', join(path, 'hooks')]);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    },
    /** Takes the repository away from whoever reads and pushes by its path; people here still change it. */
    hide(): void {
      present = `${path}.away`;
      renameSync(path, present);
    },
    show(): void {
      renameSync(present, path);
      present = path;
    },
    remove: directory.remove,
  };
}

/** What stands in the canary's document of the repository of limits. */
export const earlierLimits = '{ "limit":1,\r\n  "own": true }';

/** A repository with the limits of both slots, as releases of the shop change them. */
export async function limitsRepository(): Promise<GitRepository> {
  const repository = await gitRepository();
  repository.write('shop/blue.json', '{"limit":1}');
  repository.write('shop/green.json', earlierLimits, 'ada', '100755');
  return repository;
}

/** The adapter over a repository, as a worker would make it. */
export const configurationAt = (repository: GitRepository, change: Partial<ConfigurationGitOptions> = {}) =>
  createConfigurationGit({
    target: 'shop-limits',
    repository: repository.path,
    branch: 'main',
    paths: { blue: 'shop/blue.json', green: 'shop/green.json' },
    author: { name: 'Spillway', email: 'spillway@localhost' },
    timeoutMs: 60_000,
    environment: process.env,
    // Goes away with the repository, also when a test fails before it closes what it opened.
    scratch: repository.directory,
    ...change,
  });

type Change = Partial<ConfigurationGitOptions>;

/** For each test of a `describe`: a repository with a document a slot, and adapters over it that end with the test. */
export function useRepository() {
  let repository: GitRepository | undefined;
  let opened: ReturnType<typeof configurationAt>[] = [];
  beforeEach(async () => {
    opened = [];
    repository = await gitRepository();
    repository.write('shop/blue.json', '{"pool":5}');
    repository.write('shop/green.json', '{"pool":4}');
  });
  afterEach(async () => {
    await Promise.all(opened.map((each) => each.close()));
    await repository?.remove();
  });
  const present = (): GitRepository => {
    if (repository === undefined) throw new Error('there is a repository only within a test');
    return repository;
  };
  return {
    present,
    open: (change: Change = {}) => {
      const port = configurationAt(present(), change);
      opened.push(port);
      return port;
    },
  };
}
