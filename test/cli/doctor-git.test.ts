import { checkTargets } from '../../src/cli/doctor-targets';
import { environmentSchema } from '../../src/core/environment/schema';
import { environmentOf } from '../support/environment-of';
import { gitRepository, type GitRepository } from '../support/git-repository';

describe('doctor, of configuration in git', () => {
  let repository: GitRepository;
  beforeEach(async () => {
    repository = await gitRepository();
  });
  afterEach(() => repository.remove());

  async function doctor(
    change: { readonly [key: string]: unknown } = {},
    env: { readonly [name: string]: string } = {},
  ) {
    const environment = environmentSchema.parse(
      environmentOf({
        limits: {
          kind: 'configuration-git',
          repository: 'env:CONFIG_REPOSITORY',
          paths: { blue: 'shop/blue.json', green: 'shop/green.json' },
          ...change,
        },
      }),
    );
    const checks = await checkTargets(environment, {
      PATH: process.env['PATH'],
      STORE_DSN: 'postgres://nobody@127.0.0.1:1/none',
      SEAL_KEY: 'a key for tests that is long enough, surely',
      CONFIG_REPOSITORY: repository.path,
      ...env,
    });
    return checks.filter(({ name }) => /limits|secrets/.test(name));
  }

  it('reads both slots through the secret that names the repository', async () => {
    expect(await doctor()).toContainEqual({ name: 'configuration limits', isGood: true, detail: 'both slots read' });
  });

  it.each([
    ['a branch that is not there', { branch: 'prod' }, {}, 'target limits', /there is no branch prod/],
    [
      'a git that is not there',
      {},
      { PATH: '/nowhere' },
      'target limits',
      /no git on the PATH of the worker; install git/,
    ],
    ['a repository that is not there', { repository: '/nowhere' }, {}, 'target limits', /is no git repository/],
    ['a secret that is not set', { sign: { key: 'env:SIGNING_KEY' } }, {}, 'secrets', /SIGNING_KEY is not set/],
    [
      'a secret that is no address',
      {},
      { CONFIG_REPOSITORY: 'ftp://hunter2@x/y' },
      'target limits',
      /is no URL of one of/,
    ],
  ])('says what is wrong with %s', async (_, change, env, name, detail) => {
    const found = (await doctor(change, env)).find((check) => check.name === name);
    expect(found).toEqual({ name, isGood: false, detail: expect.stringMatching(detail) as string });
    expect(found?.detail).not.toContain('hunter2');
  });
});
