import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseGitAddress } from '../../../src/adapters/configuration/git/address';
import { PortError } from '../../../src/ports/errors';
import { failure } from '../../support/failure';
import { serveGitByHttp } from '../../support/git-http';
import { configurationAt, gitRepository, type GitRepository } from '../../support/git-repository';

describe('credentials of a git repository', () => {
  const slots = { baseline: 'blue', canary: 'green' } as const;
  let repository: GitRepository;
  beforeEach(async () => {
    repository = await gitRepository();
    repository.git('config', 'http.receivepack', 'true');
    repository.write('shop/blue.json', '{"pool":5}');
  });
  afterEach(() => repository.remove());

  it('open it for reading and for pushing over HTTP', async () => {
    const server = await serveGitByHttp(repository.path, 'worker:p@ss/word');
    const port = configurationAt(repository, { repository: `http://worker:p%40ss%2Fword@${server.host}/config.git` });
    await port.apply(slots, { pool: 9 }, 'run-1');
    expect(await port.isApplied(slots, { pool: 9 })).toBe(true);
    await port.restore(slots, 'run-1');
    expect(await port.digest('green')).toBe('absent');
    await port.close();
    await server.close();
  });

  it('appear in no error when the repository refuses them', async () => {
    const server = await serveGitByHttp(repository.path, 'worker:right');
    const port = configurationAt(repository, { repository: `http://worker:wr%40ng-secret@${server.host}/config.git` });
    const error = await failure(port.digest('blue'));
    expect(error.code).toBe('Rejected');
    expect(error.message).toContain(
      `shop-limits (http://${server.host}/config.git): the repository refuses the worker`,
    );
    expect(error.message).not.toMatch(/wr(%40|@)ng|secret/);
    await port.close();
    await server.close();
  });

  it('are taken out of what a repository says', async () => {
    const server = await serveGitByHttp(repository.path, 'token-4711:');
    repository.setHook('pre-receive', 'echo "no push for token-4711" >&2; exit 1');
    const port = configurationAt(repository, { repository: `http://token-4711@${server.host}/config.git` });
    const error = await failure(port.apply(slots, { pool: 9 }, 'run-1'));
    expect(error.message).toContain('no push for [secret]');
    expect(error.message).not.toContain('token-4711');
    await port.close();
    await server.close();
  });

  it('go to no other address', async () => {
    const asked: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const sending = createServer((request, response) => {
      response.writeHead(302, { location: `${elsewhere}${request.url ?? ''}` }).end();
    });
    await new Promise<void>((resolve) => sending.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(sending.address() as AddressInfo).port}`;
    const port = configurationAt(repository, { repository: `http://worker:secret@${host}/config.git` });
    const error = await failure(port.digest('blue'));
    expect([error.code, asked]).toEqual(['Rejected', []]);
    expect(error.message).toMatch(/sends elsewhere; name the address it sends to/);
    await port.close();
    await Promise.all([other, sending].map((each) => new Promise((resolve) => each.close(resolve))));
  });

  it.each([
    ['a program', 'ext::sh -c touch% /tmp/x'],
    ['an option', '--upload-pack=touch'],
    ['an unknown protocol', 'ftp://worker:hunter2@example.com/x'],
    ['a password for ssh', 'ssh://git:hunter2@example.com/x'],
    ['two lines', 'https://example.com/x\nhunter2'],
  ])('and its address are not given to git when it is %s', (_, repository) => {
    const parse = () => parseGitAddress(repository, 'shop-limits');
    expect(parse).toThrow(PortError);
    expect(parse).toThrow(/^shop-limits: `repository` (is no|has a password)/);
    expect(parse).not.toThrow(/hunter2/);
  });

  it.each([
    ['git@example.com:a/b.git', 'git@example.com:a/b.git'],
    ['ssh://git@example.com:22/a/b', 'ssh://git@example.com:22/a/b'],
    ['https://example.com/a.git?token=hunter2', 'https://example.com/a.git'],
    ['/srv/config.git', '/srv/config.git'],
  ])('leave %s readable', (repository, shown) => {
    expect(parseGitAddress(repository, 'shop-limits').shown).toBe(shown);
  });
});
