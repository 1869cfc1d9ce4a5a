import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../../support/failure';
import { configurationAt, gitRepository, type GitRepository } from '../../support/git-repository';

describe('signed commits', () => {
  const slots = { baseline: 'blue', canary: 'green' } as const;
  let repository: GitRepository;
  let key: string;
  beforeEach(async () => {
    repository = await gitRepository();
    repository.write('shop/blue.json', '{"pool":5}');
    key = join(repository.directory, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'spillway', '-f', key]);
    const allowed = join(repository.directory, 'allowed');
    await writeFile(allowed, `spillway@localhost ${await readFile(`${key}.pub`, 'utf8')}`);
    repository.git('config', 'gpg.ssh.allowedSignersFile', allowed);
  });
  afterEach(() => repository.remove());
  const signatures = () => repository.git('log', '-2', '--format=%G? %GS', 'main').split('\n');

  it('verify on the way forward and back, by the key that is configured', async () => {
    // As a secret comes: without its last line end.
    const port = configurationAt(repository, { signingKey: (await readFile(key, 'utf8')).trimEnd() });
    await port.apply(slots, { pool: 9 }, 'run-1');
    await port.restore(slots, 'run-1');
    expect(signatures()).toEqual(['G spillway@localhost', 'G spillway@localhost']);
    repository.git('verify-commit', 'main');
    await port.close();
  });

  it('are not made when no key is configured', async () => {
    const port = configurationAt(repository);
    await port.apply(slots, { pool: 9 }, 'run-1');
    expect(signatures()[0]?.trim()).toBe('N');
    await port.close();
  });

  it.each([
    ['is no key', () => Promise.resolve('-----BEGIN hunter2-----')],
    [
      'has a passphrase',
      async () => {
        execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'hunter2', '-f', key]);
        return readFile(key, 'utf8');
      },
    ],
  ])('are refused, and nothing is pushed, when the key %s', async (_, make) => {
    const port = configurationAt(repository, { signingKey: await make() });
    const error = await failure(port.apply(slots, { pool: 9 }, 'run-1'));
    expect([error.code, error.message]).toEqual([
      'Rejected',
      expect.stringMatching(/the commit cannot be signed; check that `sign\.key` is a private key of OpenSSH/),
    ]);
    expect(error.message).not.toMatch(/hunter2|BEGIN/);
    expect(await port.digest('green')).toBe('absent');
    await port.close();
  });
});
