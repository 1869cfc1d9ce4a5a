import fc from 'fast-check';
import { suspectsIn } from '../../../src/core/secrets/suspects';

const seed = 20260707;
const at = (value: unknown) => suspectsIn([{ value, path: [], name: '', isFree: true }]);

const names = fc.constantFrom('password', 'dbPassword', 'API_KEY', 'client-secret', 'auth.token', 'smtpPass', 'JWT');
const plainNames = fc.constantFrom('limit', 'mode', 'pageSize', 'tokenUrl', 'passwordPolicy', 'cacheKey', 'region');
const secret = fc.stringMatching(/^[A-Za-z0-9]{6,20}$/);
const plain = fc.oneof(fc.stringMatching(/^[a-z ]{0,12}$/), fc.integer(), fc.boolean(), fc.constant(null));
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    plain,
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(plainNames, tie('node'), { maxKeys: 3 }),
  ),
})).node;
/** How a secret is wrapped: below a key, in a list, or as JSON in a text. */
const wraps = fc.array(fc.tuple(fc.constantFrom('map', 'list', 'json'), plainNames, tree), { maxLength: 5 });

const wrap = (inner: unknown, [kind, name, beside]: readonly [string, string, unknown]): unknown => {
  if (kind === 'json') return JSON.stringify({ beside, [name]: inner });
  return kind === 'list' ? [beside, inner] : { beside, [name]: inner };
};

it('a secret is found at any depth by the name of its key, once', () => {
  fc.assert(
    fc.property(names, secret, wraps, (name, text, around) => {
      const found = at(around.reduce(wrap, { [name]: text }));
      expect(found.map(({ rule, path }) => [rule, path.at(-1)])).toEqual([['secret-key-name', name]]);
    }),
    { seed },
  );
});

it('nothing is found where no name and no form speaks of a secret', () => {
  fc.assert(
    fc.property(tree, wraps, (value, around) => {
      expect(at(around.reduce(wrap, value))).toEqual([]);
    }),
    { seed },
  );
});

it('no text takes it long, or breaks it', () => {
  // Each would take minutes where a rule begins anew at every character.
  const hostile = [
    'eyJ',
    'a',
    'A',
    'a:',
    '://',
    'sk_live_',
    'AccountKey=',
    '-----BEGIN ',
    '{"a":',
    '[',
    'password ',
    '"',
    ' ',
  ];
  for (const part of hostile) expect(() => at({ mode: part.repeat(250_000 / part.length) })).not.toThrow();
  expect(at({ ['aB'.repeat(100_000)]: 'x' })).toEqual([]);
});

it('JSON in a text may nest deeper than the stack, and the way to a secret is told as far as anybody reads', () => {
  const deep = 120_000;
  expect(at(`${'['.repeat(deep)}{"password":"hunter2"}${']'.repeat(deep)}`)[0]?.path).toEqual(Array(100).fill(0));
});
