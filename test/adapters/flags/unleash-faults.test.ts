import { createUnleashFlags } from '../../../src/adapters/flags/unleash';
import { failure } from '../../support/failure';
import { receiver } from '../../support/receiver';

const token = '*:*.a-very-secret-token';

describe('an Unleash that does not answer as it should', () => {
  let server: Awaited<ReturnType<typeof receiver>>;
  beforeEach(async () => {
    server = await receiver();
  });
  afterEach(() => server.close());

  const faultAt = async (url = server.url, timeoutMs = 10_000) => {
    const place = { project: 'default', environment: 'development', tenantField: 'tenant' };
    const flags = createUnleashFlags({ ...place, url, token, timeoutMs });
    const errors = [await failure(flags.read('new-basket')), await failure(flags.write('new-basket', true))];
    for (const error of errors) {
      expect(error.message).toContain(`Unleash at ${url}`);
      expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain('a-very-secret-token');
    }
    return errors;
  };

  it.each<[number, string, string]>([
    [500, 'TargetUnavailable', 'answers 500'],
    [503, 'TargetUnavailable', 'answers 503'],
    [429, 'TargetUnavailable', 'answers 429'],
    [408, 'TargetUnavailable', 'answers 408'],
    [401, 'Rejected', 'does not know our token'],
    [403, 'Rejected', 'does not let our token do this'],
    [400, 'Rejected', 'answers 400'],
    [301, 'Rejected', 'Correct `url`'],
  ])('takes an answer of %i as %s', async (status, code, why) => {
    const said = JSON.stringify({ name: 'SomeError', message: `no, said to ${token}` });
    server.answer(status, { location: 'http://127.0.0.1:1/' }, said);
    for (const error of await faultAt())
      expect([error.code, error.message]).toEqual([code, expect.stringContaining(why)]);
  });

  it.each([
    ['what another server says', 200, '<html>'],
    ['what another JSON server says', 200, '{}'],
    ['no flag for a 404 of a proxy', 404, '<html>not here</html>'],
    [
      'no flag for a path that this Unleash does not have',
      404,
      '{"name":"NotFoundError","message":"The path you were looking for (/x) is not available."}',
    ],
  ])('never takes as an answer %s', async (_, status, text) => {
    server.answer(status, {}, text);
    for (const { code } of await faultAt()) expect(code).toBe('Rejected');
  });

  it('is away when it does not answer in time', async () => {
    server.answer(undefined);
    for (const error of await faultAt(server.url, 50))
      expect([error.code, error.message]).toEqual([
        'TargetUnavailable',
        expect.stringContaining('does not answer within 50 ms'),
      ]);
  });

  it('is away when nobody listens', async () => {
    await server.close();
    for (const error of await faultAt())
      expect([error.code, error.message]).toEqual(['TargetUnavailable', expect.stringContaining('not to be reached')]);
  });

  it('is asked below the path of its address', async () => {
    server.answer(500);
    await faultAt(`${server.url}/flags`);
    expect(new Set(server.requests.map(({ path }) => path))).toEqual(
      new Set(['/flags/api/admin/projects/default/features/new-basket']),
    );
  });
});
