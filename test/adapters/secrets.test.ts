import { createRedactor, resolveSecret } from '../../src/adapters/secrets';
import { failure } from '../support/failure';

const readFile = (path: string): Promise<string> => {
  const files: Record<string, string> = { '/run/secrets/dsn': 'hunter2\r\n\n', '/run/secrets/empty': '\n' };
  const text = files[path];
  return text === undefined
    ? Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' }))
    : Promise.resolve(text);
};
const env = { STORE_DSN: ' spaced ', EMPTY: '' };

describe('resolveSecret', () => {
  it.each([
    ['env:STORE_DSN', ' spaced '],
    ['file:/run/secrets/dsn', 'hunter2'],
  ])('finds %s', async (reference, value) => {
    expect(await resolveSecret(reference, env, readFile)).toBe(value);
  });

  it.each([
    ['env:MISSING', /^secret env:MISSING: variable MISSING is not set; export it to the worker$/],
    ['env:EMPTY', /variable EMPTY is empty/],
    ['file:/nowhere', /^secret file:\/nowhere: the file cannot be read \(ENOENT\); create the file/],
    ['file:/run/secrets/empty', /the file is empty/],
  ])('says how to set %s', async (reference, message) => {
    const error = await failure(resolveSecret(reference, env, readFile));
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(message);
  });

  it('does not repeat a secret that stands in place of its reference', async () => {
    const error = await failure(resolveSecret('hunter2', env, readFile));
    expect(error.message).toContain('env:NAME');
    expect(error.message).not.toContain('hunter2');
  });
});

describe('createRedactor', () => {
  it('replaces every occurrence, also URL-encoded, the longest secret first', () => {
    const redact = createRedactor(['hunter', 'hunter2', 'p@ss/w']);
    expect(redact('hunter2 hunter p@ss/w p%40ss%2Fw')).toBe('[secret] [secret] [secret] [secret]');
  });

  it('knows the password inside a secret URL', () => {
    const redact = createRedactor(['postgres://app:p%40ssword@db/shop']);
    expect(redact('password "p@ssword" refused, p%40ssword')).toBe('password "[secret]" refused, [secret]');
  });

  it('takes secrets for text, not for patterns', () => {
    expect(createRedactor(['a.*c$&'])('abbc a.*c$& abc')).toBe('abbc [secret] abc');
  });

  it('leaves text alone when there is nothing worth hiding', () => {
    expect(createRedactor([])('as it is')).toBe('as it is');
    expect(createRedactor(['', 'is'])('as it is')).toBe('as it is');
  });
});
