import { formatIssue } from '../../../src/core/descriptor/issue';
import { parseEnvironment } from '../../../src/core/environment/parse';
import type { Environment } from '../../../src/core/environment/schema';
import { environmentOf } from '../../support/environment-of';
import { targetDigest } from '../../../src/core/plan/target-digest';

type Fields = { readonly [key: string]: unknown };

const textWith = (change: Fields): string =>
  JSON.stringify(
    environmentOf({
      limits: {
        kind: 'configuration-git',
        repository: 'git@example.com:platform/config.git',
        paths: { blue: 'shop/blue.json', green: 'shop/green.json' },
        ...change,
      },
    }),
  );

function parsed(change: Fields = {}): Environment {
  const result = parseEnvironment(textWith(change), 'environment.yaml');
  if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
  return result.value;
}

function issues(change: Fields): string {
  const result = parseEnvironment(textWith(change), 'environment.yaml');
  return result.ok ? '' : result.issues.map(formatIssue).join('\n');
}

describe('a target of configuration in git', () => {
  it('has a branch, an author and a time of its own when they are left out', () => {
    expect(parsed().targets['limits']).toMatchObject({
      branch: 'main',
      author: { name: 'Spillway', email: 'spillway@localhost' },
      timeout: '20s',
    });
  });

  it.each([
    'https://git.example.com/platform/config.git',
    'ssh://git@git.example.com:2222/platform/config.git',
    'git@git.example.com:platform/config.git',
    'file:///srv/config.git',
    '/srv/config.git',
    'config.git',
    'env:CONFIG_REPOSITORY',
    'file:/run/secrets/repository',
  ])('may be at %s', (repository) => {
    expect(issues({ repository })).toBe('');
  });

  it.each([
    'https://hunter2@git.example.com/config.git',
    'https://worker:hunter2@git.example.com/config.git',
    'https://git.example.com/config.git?token=hunter2',
    'ssh://git:hunter2@git.example.com/config.git',
    'ext::sh -c hunter2',
    'ftp://git.example.com/hunter2',
    '--upload-pack=hunter2',
    'env:hunter2-x',
  ])('is refused at %s, which is not repeated', (repository) => {
    expect(issues({ repository })).toMatch(/targets\.limits\.repository/);
    expect(issues({ repository })).not.toContain('hunter2');
  });

  it.each([
    '/shop/green.json',
    '../green.json',
    'shop/../green.json',
    'shop//green.json',
    'shop/',
    '.git/config',
    'a\nb',
    '',
  ])('names no path such as %j', (green) => {
    expect(issues({ paths: { blue: 'shop/blue.json', green } })).toMatch(/targets\.limits\.paths\.green/);
  });

  it.each(['refs..heads', '-main', 'main.lock', 'a b', 'a//b', 'a/.b', ''])('names no branch such as %j', (branch) => {
    expect(issues({ branch })).toMatch(/targets\.limits\.branch/);
  });

  it.each(['configuration-git', 'configuration-file'])('gives each slot a document of its own, as %s', (kind) => {
    const paths = { blue: 'shop/app.json', green: 'shop/app.json' };
    const change = kind === 'configuration-git' ? { paths } : { kind, paths, repository: undefined };
    expect(issues(change)).toMatch(/paths-alike .*both slots would share one document/);
  });

  it('stays the same place when another key signs, somebody else is the author or more time is given', () => {
    const digest = (change?: Fields) => targetDigest(parsed(change), 'limits');
    const author = { name: 'Ada', email: 'ada@example.com' };
    expect(digest({ sign: { key: 'env:KEY' }, author, timeout: '1m' })).toBe(digest());
    expect(digest({ branch: 'prod' })).not.toBe(digest());
    expect(digest({ repository: 'env:ELSEWHERE' })).not.toBe(digest());
  });
});
