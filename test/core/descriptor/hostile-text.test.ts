import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import fc from 'fast-check';
import { guardText, maxDepth } from '../../../src/core/descriptor/guard';
import { parseDescriptor } from '../../../src/core/descriptor/parse';
import { parseEnvironment } from '../../../src/core/environment/parse';
import { parsePolicy } from '../../../src/core/policy/parse';
import { isMap, isSeq, parseDocument } from 'yaml';
import { added } from './issue-of';

const root = path.resolve(__dirname, '../../..');
const good = added(`stages: [{ canaryPercent: 5, gate: full }, { canaryPercent: 25 }]
gates: { full: { from: [captains] } }
metrics: { slow: { source: prometheus, histogram: 'x{slot="$slot"}', above: 1s, max: 1% } }
migrations:
  - id: a
    expand: { sql: a.sql, undo: b.sql }
flags: [{ flag: a, value: true }]`);

const isTold = (text: string): boolean =>
  [parseDescriptor, parseEnvironment, parsePolicy].every((parse) => {
    const result = parse(text, 'any.yaml');
    return (
      result.ok ||
      (result.issues.length > 0 &&
        result.issues.every(({ line, column, code }) => line >= 1 && column >= 1 && /^[a-z-]+$/.test(code)))
    );
  });

const marks = ['- ', '? ', ': ', 'a: ', '[', ']', '{', '}', ',', '\n', '  ', '"', "'", '|', '>', '#', '&a', '*a', '!a'];
const piece = fc.oneof(
  fc.constantFrom(
    ...marks,
    '---\n',
    '...\n',
    '\t',
    '\0',
    '\ud800',
    '__proto__: ',
    '012',
    '.nan',
    '%YAML 1.2\n',
    '<<: ',
  ),
  fc.string({ maxLength: 8, unit: 'binary' }),
);
const mutation = fc
  .array(fc.tuple(fc.nat(good.length), fc.nat(20), piece), { minLength: 1, maxLength: 6 })
  .map((edits) => edits.reduce((text, [at, length, by]) => text.slice(0, at) + by + text.slice(at + length), good));
const noise = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

/** Shapes that abort a cold process inside the parser when they reach it first. */
const poison = {
  'open lists': '['.repeat(1_000),
  'open maps': '{a: '.repeat(1_000),
  'open lists of maps': '[{a: '.repeat(1_000),
  'block lists': '- '.repeat(1_000),
  'nested keys': 'a: '.repeat(1_000),
  'question marks': '? '.repeat(1_000),
  'deep indentation': Array.from({ length: 500 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'),
  'brackets behind good lines': `${good}notify: ${'['.repeat(1_000)}`,
  'open lists on many lines': '[\n '.repeat(1_000),
};

describe('text from a stranger', () => {
  it('is either accepted or told what is wrong, whatever it is', () => {
    fc.assert(fc.property(fc.oneof(mutation, noise), isTold), { numRuns: 2_000, seed: 20_260_101 });
  });

  it('never reaches the parser deeper than twice the limit', () => {
    const line = fc.tuple(fc.nat(3), fc.array(fc.constantFrom(...marks), { minLength: 1, maxLength: 4 }));
    const deep = fc.array(line, { maxLength: 120 }).map((lines) => {
      let indent = 0;
      return lines.map(([more, heads]) => `${' '.repeat((indent += more))}${heads.join('')}\n`).join('');
    });
    const isShallow = (text: string): boolean =>
      guardText(text, 'any.yaml').length > 0 || depthOf(text) <= 2 * maxDepth;
    fc.assert(fc.property(deep, isShallow), { numRuns: 1_000, seed: 20_260_102 });
  });

  it('does not slow the process down', () => {
    const large = ['[' + ','.repeat(255_000), '"\n'.repeat(127_000), 'a: 1\n'.repeat(51_000), '#\n'.repeat(127_000)];
    for (const text of large) {
      const result = parseDescriptor(text, 'release.yaml');
      expect(result.ok ? [] : result.issues.map(({ code }) => code)).toEqual(['too-many-tokens']);
    }
  });

  it.each(Object.entries(poison))('does not abort a cold process with %s', async (_name, text) => {
    const script = `
      const { transformFileSync } = require('@swc/core');
      const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' }, swcrc: false };
      require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, options).code, file);
      const { parseDescriptor } = require('./src/core/descriptor/parse.ts');
      const text = require('node:fs').readFileSync(0, 'utf8');
      const codes = [1, 2, 3].map(() => parseDescriptor(text, 'poison.yaml').issues[0].code);
      process.stdout.write([...new Set(codes)].join());`;
    const child = spawn(process.execPath, ['-e', script], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(text);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output).toBe('nested-too-deeply');
  });
});

function depthOf(text: string): number {
  const measure = (node: unknown): number => {
    if (isMap(node)) return 1 + Math.max(0, ...node.items.flatMap(({ key, value }) => [measure(key), measure(value)]));
    return isSeq(node) ? 1 + Math.max(0, ...node.items.map(measure)) : 0;
  };
  return measure(parseDocument(text, { logLevel: 'error', uniqueKeys: false }).contents);
}
