import { canonicalJson, sha256Hex } from '../../src/core/canonical';

it.each([
  [{ b: 1, a: [true, null, 'ä'] }, '{"a":[true,null,"ä"],"b":1}'],
  [{ a: undefined, b: { d: 1, c: 2 } }, '{"b":{"c":2,"d":1}}'],
  [1e21, '1e+21'],
  [-0, '0'],
])('writes %j in one way only', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

it.each([[NaN], [Infinity], [undefined], [{ a: [NaN] }]])('refuses %p', (value) => {
  expect(() => canonicalJson(value)).toThrow();
});

it('gives the known digest of a text', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
