import { Lexer } from 'yaml';
import { maxDepth, ownersLimits, strangersLimits } from '../../../src/core/descriptor/guard';
import { formatIssue } from '../../../src/core/descriptor/issue';
import { parseDescriptor } from '../../../src/core/descriptor/parse';
import { parseEnvironment } from '../../../src/core/environment/parse';
import { added } from './issue-of';
import { minimal } from './minimal';

const { maxFileBytes, maxTokens } = strangersLimits;
const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');
const fillTo = (bytes: number, character: string): string => {
  const rest = bytes - Buffer.byteLength(minimal) - 2;
  return `${minimal}#${character.repeat(rest / Buffer.byteLength(character))}${'x'.repeat(rest % Buffer.byteLength(character))}\n`;
};
const stages = (count: number): string =>
  added(`stages:\n${times(count, (index) => `- canaryPercent: ${((index + 1) * 48) / 100}\n`)}`);
const migrations = (count: number): string =>
  added(`migrations:\n${times(count, (index) => `- { id: m${index}, expand: { sql: a.sql, undo: b.sql } }\n`)}`);
const metrics = (count: number): string => added(`metrics:\n${times(count, (index) => `  m${index}: { max: 1% }\n`)}`);

const codes = (text: string): readonly string[] => {
  const result = parseDescriptor(text, 'release.yaml');
  return result.ok ? [] : [...new Set(result.issues.map(({ code }) => code))];
};

describe('a limit of a descriptor', () => {
  it.each([
    ['size', fillTo(maxFileBytes, 'x'), fillTo(maxFileBytes + 1, 'x'), 'file-too-large'],
    ['size in bytes of UTF-8', fillTo(maxFileBytes, 'ü'), fillTo(maxFileBytes + 1, 'ü'), 'file-too-large'],
    ['stages', stages(200), stages(201), 'list-too-long'],
    ['migrations', migrations(50), migrations(51), 'list-too-long'],
    ['metrics', metrics(50), metrics(51), 'too-many-metrics'],
    ['length of a name', named(63), named(64), 'text-malformed'],
    ['length of a version', versioned(100), versioned(101), 'text-too-long'],
  ])('holds for %s exactly', (_name, atLimit, above, code) => {
    expect(codes(atLimit)).toEqual([]);
    expect(codes(above)).toEqual([code]);
  });

  it.each([
    ['lists in brackets', '', '[', ']'],
    ['maps in brackets', '', '{a: ', '}'],
    ['lists on one line', '', '- ', ''],
    ['keys on one line', '', 'a: ', ''],
    ['question marks', '', '? ', ''],
  ])('holds for the depth of %s', (_name, before, open, close) => {
    const nested = (count: number): string => `${before}${open.repeat(count)}a${close.repeat(count)}`;
    expect(codes(nested(maxDepth))).not.toContain('nested-too-deeply');
    expect(codes(nested(maxDepth + 1))).toEqual(['nested-too-deeply']);
  });

  it('holds for the depth of indentation', () => {
    const nested = (count: number): string => times(count, (index) => `${' '.repeat(index)}a:\n`);
    expect(codes(nested(maxDepth))).not.toContain('nested-too-deeply');
    expect(codes(nested(maxDepth + 1))).toEqual(['nested-too-deeply']);
  });

  it('does not count brackets inside text as depth', () => {
    expect(codes(minimal.replace('no order is lost', `"${'['.repeat(400)}"`))).toEqual([]);
  });

  it('holds for the count of words and marks', () => {
    const begun = [...new Lexer().lex(minimal)].filter((token) => token !== '\x1f').length;
    // A comment line is two of them: the comment and its line end.
    const left = maxTokens - begun;
    const filled = `${minimal}${'#\n'.repeat(Math.floor(left / 2))}${left % 2 === 1 ? '#' : ''}`;
    expect(codes(filled)).toEqual([]);
    expect(codes(`${filled}${left % 2 === 1 ? '\n' : '#'}`)).toEqual(['too-many-tokens']);
  });

  it('is wider for the file of an environment: two thousand services are accepted', () => {
    const result = parseEnvironment(environmentOf(2_000), 'environment.yaml');
    expect(result.ok ? [] : result.issues).toEqual([]);
  });

  it('holds for the file of an environment too', () => {
    const base = environmentOf(1);
    const filled = (bytes: number): string => `${base}#${'x'.repeat(bytes - Buffer.byteLength(base) - 2)}\n`;
    const codesOf = (text: string): readonly string[] => {
      const result = parseEnvironment(text, 'environment.yaml');
      return result.ok ? [] : result.issues.map(formatIssue);
    };
    expect(codesOf(filled(ownersLimits.maxFileBytes))).toEqual([]);
    expect(codesOf(filled(ownersLimits.maxFileBytes + 1)).join()).toContain('the file is larger than 4,000 kB');
    expect(codesOf(`${base}${'#\n'.repeat(ownersLimits.maxTokens / 2)}`).join()).toContain('more than 600,000 words');
  });

  it('tells at most 50 issues, the first ones', () => {
    const result = parseDescriptor(added(times(60, (index) => `key${index}x: 1\n`)), 'release.yaml');
    if (result.ok) throw new Error('was accepted');
    expect(result.issues).toHaveLength(50);
    expect(result.issues.at(-1)).toMatchObject({ line: 56, code: 'key-unknown' });
  });

  it('tells all issues at once, in the order of their places', () => {
    const text = added('stages: [{ canaryPercent: 150 }, { bake: 1m }]\nservce: a\npause: { longest: 1 }');
    const result = parseDescriptor(text.replace('"1.4.0"', '1.4'), 'release.yaml');
    const lines = result.ok ? [] : result.issues.map(formatIssue);
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'release.yaml:3:10 version-not-quoted',
      'release.yaml:7:27 percent-out-of-range',
      'release.yaml:7:34 key-missing',
      'release.yaml:7:36 key-unknown',
      'release.yaml:8:1 key-unknown',
      'release.yaml:9:19 text-malformed',
    ]);
    expect(lines[1]).toBe(
      'release.yaml:7:27 percent-out-of-range stages[0].canaryPercent: 150 is not below 100; write a share between 0 and 100',
    );
  });

  it('lets nothing of a file reach a terminal as a command', () => {
    const result = parseDescriptor(added('"a\\e[31m\\u202eb": 1'), 'release.yaml\u001b[2J');
    const line = result.ok ? '' : result.issues.map(formatIssue).join();
    expect(line).toContain('key-unknown');
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

function named(length: number): string {
  return minimal.replace('service: shop', `service: ${'a'.repeat(length)}`);
}

function versioned(length: number): string {
  return minimal.replace('1.4.0', '1'.repeat(length));
}

function environmentOf(services: number): string {
  const targets = times(
    services,
    (index) =>
      `  t${index}: { kind: haproxy, backend: b${index}, sockets: [/run/haproxy/admin.sock], stateFiles: none }\n` +
      `  d${index}: { kind: exec, deploy: [deploy, '{slot}'], status: [status, '{slot}'], drain: [drain], undeploy: [stop], ` +
      `urls: { blue: 'http://127.0.0.1:8001', green: 'http://127.0.0.1:8002' } }\n`,
  );
  const named = times(services, (index) => `  s${index}: { traffic: t${index}, deployer: d${index} }\n`);
  const head = 'apiVersion: spillway/v1\nkind: environment\nname: wide\nstore: { dsn: env:DSN }\nsealKey: env:KEY\n';
  return `${head}targets:\n${targets}services:\n${named}`;
}
