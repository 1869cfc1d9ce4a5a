import fc from 'fast-check';
import { z } from 'zod';
import { checkJson } from '../../../src/core/descriptor/check-json';
import { findJsonFault } from '../../../src/core/descriptor/json-syntax';
import { jsonPlace } from '../../../src/core/descriptor/json-place';

const text = `{
  "a": [1, { "b": "},{\\"x\\":" }],
  "b": { "c": null, "a": [[], [true]] }
}`;

test.each([
  [[], 1, 1],
  [['a'], 2, 8],
  [['a', 1], 2, 12],
  [['a', 1, 'b'], 2, 19],
  [['b', 'c'], 3, 15],
  [['b', 'a', 1, 0], 3, 32],
  [['b', 'nothing'], 3, 8],
])('what stands at %j is found at %d:%d', (path, line, column) => {
  expect(jsonPlace(text, path)).toEqual({ line, column });
});

test('a document says everything that is wrong with it, each with line and column', () => {
  const schema = z.strictObject({ name: z.string(), count: z.number() });
  const found = checkJson(schema, { text: '{\n  "name": 1,\n  "cuont": 2\n}', file: 'f.json' });
  const places = found.ok
    ? []
    : found.issues.map(({ line, column, code, path }) => `${line}:${column} ${code} ${path}`);
  expect(places).toEqual(expect.arrayContaining([expect.stringMatching(/^2:11 /), expect.stringMatching(/^3:/)]));
});

test.each([
  ['', 1, 1],
  ['{"a": }', 1, 7],
  ['[1,\n 2', 2, 3],
  ['{"a" 1}', 1, 6],
  ['{"a": 1,}', 1, 9],
  ['[1 2]', 1, 4],
  ['[01]', 1, 2],
  ["['a']", 1, 2],
  ['{a: 1}', 1, 2],
  ['[NaN]', 1, 2],
  ['"a\nb"', 1, 1],
  ['[1]]', 1, 4],
  ['{"a": 1]', 1, 8],
])('%j is no JSON from %d:%d', (broken, line, column) => {
  const found = checkJson(z.unknown(), { text: broken, file: 'f.json' });
  expect(found).toMatchObject({ ok: false, issues: [{ line, column, code: 'not-json' }] });
});

test('what JSON.parse refuses has a fault, and nothing else', () => {
  const sign = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-', '.5', 'null', ' ', '\n', '"', 'x');
  const texts = fc.oneof(
    fc.json(),
    fc.array(sign, { maxLength: 8 }).map((signs) => signs.join('')),
  );
  fc.assert(
    fc.property(texts, (given) => {
      let isJson = true;
      try {
        JSON.parse(given);
      } catch {
        isJson = false;
      }
      expect(findJsonFault(given) === undefined).toBe(isJson);
    }),
    { seed: 5, numRuns: 2_000 },
  );
});
