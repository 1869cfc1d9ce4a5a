import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { failure } from '../../support/failure';
import { useRepository } from '../../support/git-repository';

describe('configuration in git, when something is wrong', () => {
  const slots = { baseline: 'blue', canary: 'green' } as const;
  const { present, open } = useRepository();
  const apply = (change: Parameters<typeof open>[0] = {}) => failure(open(change).apply(slots, { pool: 9 }, 'run-1'));

  it('shows what a repository says that takes no push, without its colours', async () => {
    present().setHook('pre-receive', `printf '\\033[31mchanges need\\033[0m a ticket\\n' >&2; exit 1`);
    const error = await apply();
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(
      /^shop-limits \(\/.*\/config\.git\): the remote refuses the push \(pre-receive hook declined\): changes need a ticket; let the worker push to main/,
    );
    expect(present().bytes('shop/green.json')?.toString()).toBe('{"pool":4}');
  });

  it('cuts what a repository says at length', async () => {
    present().setHook('update', `for i in $(seq 200); do echo "no and no" >&2; done; exit 1`);
    expect((await apply()).message.length).toBeLessThan(800);
  });

  it.each([
    [
      'a branch that is not there',
      { branch: 'prod' },
      'Rejected',
      /there is no branch prod; make it with a first commit/,
    ],
    [
      'a path without repository',
      { repository: '/nowhere/config.git' },
      'Rejected',
      /\(\/nowhere\/config\.git\): the repository is no git repository/,
    ],
    [
      'a server that is away',
      { repository: 'http://127.0.0.1:1/config.git' },
      'TargetUnavailable',
      /\(http:\/\/127\.0\.0\.1:1\/config\.git\): the repository does not answer; .*it is tried again/,
    ],
    [
      'a directory in place of the document',
      { paths: { blue: 'shop', green: 'shop/green.json' } },
      'Rejected',
      /shop is a directory, not a file; correct `paths`/,
    ],
    [
      'a file in place of the directory',
      { paths: { blue: 'shop/blue.json', green: 'README/green.json' } },
      'Rejected',
      /README\/green\.json cannot be a file there; correct `paths`/,
    ],
  ] as const)('names %s', async (_, change, code, message) => {
    const error = await apply(change);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^shop-limits \(/);
    expect(present().bytes('README')?.toString()).toBe('configuration\n');
  });

  it('does not write through a symbolic link', async () => {
    present().write('shop/green.json', 'blue.json', 'ada', '120000');
    const error = await apply();
    expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(/green\.json is a symbolic link/)]);
  });

  it.each(['[1]', 'password=hunter2'])('quotes nothing of a baseline that is no JSON object: %j', async (text) => {
    present().write('shop/blue.json', text);
    const error = await apply();
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(/shop\/blue\.json: the document is not/);
    expect(error.message).not.toContain('hunter2');
  });

  it('says what to install where git is missing or too old', async () => {
    const bin = join(present().directory, 'bin');
    await mkdir(bin);
    const missing = await apply({ environment: { PATH: bin } });
    expect([missing.code, missing.message]).toEqual([
      'Rejected',
      expect.stringMatching(/there is no git on the PATH of the worker; install git 2\.34 or newer/),
    ]);
    await writeFile(join(bin, 'git'), '#!/bin/sh\necho git version 2.30.2\n');
    await chmod(join(bin, 'git'), 0o755);
    const old = await apply({ environment: { PATH: bin } });
    expect([old.code, old.message]).toEqual(['Rejected', expect.stringMatching(/git version 2\.30\.2 is too old/)]);
  });

  it('minds neither the settings of a user nor what a shell has set for git', async () => {
    const home = join(present().directory, 'home');
    await mkdir(join(home, 'hooks'), { recursive: true });
    await writeFile(join(home, 'hooks', 'pre-push'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await writeFile(join(home, '.gitconfig'), `[core]\n\thooksPath = ${home}/hooks\n[push]\n\tgpgSign = true\n`);
    const global = { HOME: home, GIT_CONFIG_GLOBAL: join(home, '.gitconfig') };
    const shell = { GIT_DIR: '/nowhere', GIT_WORK_TREE: '/nowhere', GIT_AUTHOR_DATE: 'never', GIT_CONFIG: '/nowhere' };
    const port = open({ environment: { ...process.env, ...global, ...shell } });
    await port.apply(slots, { pool: 9 }, 'run-1');
    expect(await port.isApplied(slots, { pool: 9 })).toBe(true);
  });

  it('ends when the repository takes a connection and never answers', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error = await apply({ repository: `git://127.0.0.1:${port}/config.git`, timeoutMs: 1_500 });
    expect([error.code, error.message]).toEqual([
      'TargetUnavailable',
      expect.stringMatching(/git \w+ did not end in time\. Look whether the repository hangs/),
    ]);
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  });

  describe('with a place for its copy that the test can see', () => {
    let place: string;
    beforeEach(async () => {
      place = join(present().directory, 'tmp');
      await mkdir(place);
    });
    const copy = async () => join(place, (await readdir(place))[0] ?? '');

    it.each([
      ['the whole copy', ''],
      ['its repository', 'repository'],
      ['its objects', 'repository/objects'],
      ['its references', 'repository/refs'],
    ])('goes on when %s is deleted', async (_, part) => {
      const port = open({ scratch: place });
      await port.apply(slots, { pool: 9 }, 'run-1');
      await rm(join(await copy(), part), { recursive: true });
      expect(await port.isApplied(slots, { pool: 9 })).toBe(true);
      await rm(join(await copy(), part), { recursive: true });
      await port.restore(slots, 'run-1');
      expect(present().bytes('shop/green.json')?.toString()).toBe('{"pool":4}');
    });

    it('leaves nothing behind once it is closed, nor when it could not begin', async () => {
      const port = open({ scratch: place });
      await port.apply(slots, { pool: 9 }, 'run-1');
      await failure(open({ scratch: place, environment: { PATH: place } }).digest('blue'));
      expect(await readdir(place)).toHaveLength(1);
      await port.close();
      expect(await readdir(place)).toEqual([]);
    });

    it('says where it could make no copy', async () => {
      const error = await apply({ scratch: join(place, 'nowhere') });
      expect([error.code, error.message]).toEqual([
        'Rejected',
        expect.stringMatching(/nowhere: cannot be written \(ENOENT\)/),
      ]);
    });
  });

  it('says what to do when the history before the change is cut off', async () => {
    await open().apply(slots, { pool: 9 }, 'run-1');
    const message = present().git('log', '-1', '--format=%B', 'main');
    const alone = present().git(
      '-c',
      'user.name=bob',
      '-c',
      'user.email=b@b',
      'commit-tree',
      'main^{tree}',
      '-m',
      message,
    );
    present().git('update-ref', 'refs/heads/main', alone);
    const error = await failure(open().restore(slots, 'run-1'));
    expect([error.code, error.message]).toEqual([
      'Rejected',
      expect.stringMatching(/the history before [0-9a-f]{12} is cut off; put shop\/green\.json back by hand/),
    ]);
  });
});
