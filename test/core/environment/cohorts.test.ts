import { formatIssue } from '../../../src/core/descriptor/issue';
import { parseEnvironment } from '../../../src/core/environment/parse';
import { environmentOf } from '../../support/environment-of';
import { targetDigest } from '../../../src/core/plan/target-digest';

const cohorts = {
  map: '/etc/haproxy/cohorts.map',
  attributes: {
    tenant: { header: 'x-tenant', values: ['acme', 'globex'] },
    region: { header: 'x-region', values: ['eu'] },
  },
  named: { partners: { tenant: ['acme'] } },
  probe: { urls: ['http://127.0.0.1:8080/'] },
};

function parse(change: object = {}, target: object = {}) {
  const text = JSON.stringify(
    environmentOf({
      edge: {
        kind: 'haproxy',
        backend: 'shop',
        sockets: ['/run/h.sock'],
        stateFiles: 'none',
        cohorts: { ...cohorts, ...change },
        ...target,
      },
    }),
  );
  return parseEnvironment(text, 'environment.yaml');
}

function digest(change: object = {}): string {
  const parsed = parse(change);
  if (!parsed.ok) throw new Error(parsed.issues.map(formatIssue).join('\n'));
  return targetDigest(parsed.value, 'edge');
}

it.each([
  [
    'an unknown tenant',
    { named: { partners: { tenant: ['acmee'] } } },
    /member-unknown.*"acmee".*did you mean acme\?/s,
  ],
  ['an unknown attribute', { named: { partners: { tennant: ['acme'] } } }, /attribute-unknown.*did you mean tenant\?/s],
  ['a tenant twice', { named: { partners: { tenant: ['acme', 'acme'] } } }, /member-twice/],
  [
    'a cohort by two attributes',
    { named: { partners: { tenant: ['acme'], region: ['eu'] } } },
    /cohort-mixed.*tenant and region/s,
  ],
  ['a cohort of nobody', { named: { partners: {} } }, /cohort-mixed.*no attribute/s],
  ['a map whose path could hold a command', { map: '/tmp/a;set server' }, /absolute path/],
  [
    'a tenant that could hold a command',
    { attributes: { tenant: { header: 'x-tenant', values: ['a;b'] } }, named: {} },
    /letters, digits/,
  ],
])('says what is wrong with %s, and where', (_, change, words) => {
  const parsed = parse(change);
  expect(parsed.ok ? '' : parsed.issues.map(formatIssue).join('\n')).toMatch(words);
});

it.each([
  ['too few state files', { sockets: ['/a.sock', '/b.sock'], stateFiles: ['/a.state'] }],
  ['a state file that two share', { sockets: ['/a.sock', '/b.sock'], stateFiles: ['/a.state', '/a.state'] }],
])('says what is wrong with %s', (_, change) => {
  const parsed = parse({}, change);
  expect(parsed.ok ? '' : parsed.issues.map(formatIssue).join('\n')).toMatch(/state-files-unfit.*beside 2 sockets/s);
});

const one = 'http://127.0.0.1:8080/';
const two = 'http://127.0.0.1:8081/';
const both = ['/a.sock', '/b.sock'];

it.each([
  ['too few addresses to ask', [one], both, /1 different addresses stand beside 2 different sockets/],
  ['more addresses than proxies', [one, two], ['/a.sock'], /2 different addresses stand beside 1 different sockets/],
  ['a proxy that is asked twice in the place of another', [one, one], both, /1 different addresses/],
  ['two pages of one proxy', [one, 'HTTP://127.0.0.1:8080/shop'], both, /1 different addresses/],
])('says what is wrong with %s', (_, urls, sockets, words) => {
  const parsed = parse({ probe: { urls } }, { sockets });
  const told = parsed.ok ? '' : parsed.issues.map(formatIssue).join('\n');
  expect(told).toMatch(/probe-urls-unfit targets\.edge\.cohorts\.probe\.urls/);
  expect(told).toMatch(words);
});

it('says that nobody would ask as a user whom HAProxy knows by an identity', () => {
  const probe = { urls: [one] };
  const told = (change: object): string => {
    const parsed = parse({ probe: { ...probe, ...change } }, { assignment: 'identity' });
    return parsed.ok ? '' : parsed.issues.map(formatIssue).join('\n');
  };
  expect(told({})).toMatch(
    /^environment\.yaml:1:\d+ probe-identity-missing targets\.edge\.cohorts\.probe\.identity: .*; say where/,
  );
  expect(told({ identity: { header: 'x-user-id' } })).toBe('');
  expect(told({ identity: { cookie: 'uid' } })).toBe('');
  expect(told({ identity: { cookie: 'u;id' } })).toMatch(/text-malformed.*letters, digits, _ and dashes/);
});

it('takes one address a proxy', () => {
  expect(parse({ probe: { urls: [one, two] } }, { sockets: both }).ok).toBe(true);
});

it('does not take a tenant that joins for another target, and another map for one', () => {
  const more = { tenant: { header: 'x-tenant', values: ['acme', 'globex', 'new'] } };
  expect(digest({ attributes: more, named: { partners: { tenant: ['new'] } } })).toBe(digest());
  expect(digest({ map: '/etc/haproxy/other.map' })).not.toBe(digest());
});
