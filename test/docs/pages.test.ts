import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, parseDocument, stringify } from 'yaml';
import { parseDescriptor } from '../../src/core/descriptor/parse';
import { parseEnvironment } from '../../src/core/environment/parse';
import { parsePolicy } from '../../src/core/policy/parse';
import { parseSentinel } from '../../src/core/sentinel/parse';
import { findTool } from '../../src/stack/tools';
import { blocksIn, blocksOf, pages, readPage, root } from './pages';

const prose = (page: string): string => {
  const code = blocksOf(page).map(({ text }) => text);
  return code.reduce((text, block) => text.replace(block, ''), readPage(page));
};

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (page: string): readonly string[] =>
  [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));

const linksOf = (page: string): readonly string[] =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^https?:/.test(target));

const isBroken = (page: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
};

const minimal = {
  apiVersion: 'spillway/v1',
  service: 'shop',
  environment: 'production',
  hypothesis: { change: 'something', keep: 'the rest' },
  owners: { lead: 'Ada' },
};

const expanding = { expand: { sql: 'a.sql', undo: 'a.undo.sql' } };

const minimalEnvironment = {
  apiVersion: 'spillway/v1',
  kind: 'environment',
  name: 'production',
  store: { dsn: 'env:STORE_DSN' },
  sealKey: 'env:SEAL_KEY',
  services: {},
};

/** A block as the whole file its first line names. Parts are put where they belong in a minimal descriptor. */
function issuesOf(text: string): readonly string[] {
  const [first = ''] = text.split('\n');
  const whole = (part: object): string => `version: '2.0.0'\n${stringify({ ...minimal, ...part })}`;
  const parsed = /^# environment\.yaml$/.test(first)
    ? parseEnvironment(text, first)
    : /^# policy\.yaml$/.test(first)
      ? parsePolicy(text, first)
      : /^# sentinel\.yaml$/.test(first)
        ? parseSentinel(text, first)
        : /^# release\.yaml$/.test(first)
          ? parseDescriptor(text, first)
          : /^# release\.yaml \(a part\)$/.test(first)
            ? parseDescriptor(whole(parse(text) as object), first)
            : /^# release\.yaml \(a migration\)$/.test(first)
              ? parseDescriptor(whole({ migrations: [{ id: 'a', ...expanding, ...(parse(text) as object) }] }), first)
              : /^# environment\.yaml \(a target\)$/.test(first)
                ? parseEnvironment(stringify({ ...minimalEnvironment, targets: parse(text) as object }), first)
                : /^# release\.yaml \(metrics\)$/.test(first)
                  ? parseDescriptor(whole({ metrics: parse(text) as object }), first)
                  : undefined;
  if (parsed === undefined) return [`the first line does not say which file it is: ${first}`];
  return parsed.ok ? [] : parsed.issues.map(({ line, message }) => `${line}: ${message}`);
}

it.each(pages)('%s: relative links lead somewhere', (page) => {
  expect(linksOf(page).filter((link) => isBroken(page, link))).toEqual([]);
});

it.each(pages)('%s: names no path of the machine it was written on', (page) => {
  expect(readPage(page).match(/\/(?:work|root|home|Users)\/\S*|\/tmp\/spillway\S*/g) ?? []).toEqual([]);
});

it.each(pages.filter((page) => blocksIn(page, 'yaml').length > 0))('%s: its YAML is accepted', (page) => {
  const issues = blocksIn(page, 'yaml').flatMap(({ text, line }) =>
    issuesOf(text).map((issue) => `${page}:${line}: ${issue}`),
  );
  expect(issues).toEqual([]);
});

it('every page is on the map', () => {
  const map = readPage('docs/README.md') + readPage('docs/adr/README.md');
  const missing = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(missing.filter((page) => !map.includes(page.replace(/^docs\/(adr\/(?!README))?/, '')))).toEqual([]);
});

it.each([
  ['adopt-your-haproxy-and-service', ''],
  // A part of a configuration: what stands around it, and a map that exists.
  [
    'release-to-cohorts',
    'defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nfrontend users\n  bind 127.0.0.1:8080\n  default_backend shop\n',
  ],
])('the HAProxy configuration of %s is one', (page, around) => {
  const [block] = blocksIn(`docs/how-to/${page}.md`, 'haproxy');
  const directory = mkdtempSync(join(tmpdir(), 'spillway-docs-'));
  try {
    const file = join(directory, 'haproxy.cfg');
    const map = join(directory, 'cohorts.map');
    writeFileSync(map, '');
    writeFileSync(file, `${around}${(block?.text ?? '').replace('/etc/haproxy/cohorts.map', map)}\n`);
    execFileSync(findTool('haproxy'), ['-c', '-q', '-f', file], { stdio: 'pipe' });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

it.each(pages.flatMap((page) => blocksIn(page, 'bash').map(({ line, text }) => [`${page}:${line}`, text] as const)))(
  '%s: the script is one',
  (_place, text) => {
    expect(() => execFileSync('bash', ['-n'], { input: text, stdio: 'pipe' })).not.toThrow();
  },
);

it.each(['github-actions.yml', 'gitlab-ci.yml'])('the pipeline %s is YAML and calls commands that exist', (name) => {
  const text = readFileSync(join(root, 'deploy', 'ci-templates', name), 'utf8');
  expect(parseDocument(text).errors).toEqual([]);
  const called = [...text.matchAll(/^(?!\s*#).*?(?:\$SPILLWAY|- spillway|spillway\.js) ([a-z]+)/gm)].map(
    ([, word]) => word,
  );
  expect(called.length).toBeGreaterThan(3);
  expect(called.filter((word) => !readPage('docs/reference/cli.md').includes(`### spillway ${word}\n`))).toEqual([]);
});
