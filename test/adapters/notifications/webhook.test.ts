import { createWebhook } from '../../../src/adapters/notifications/webhook';
import { failure } from '../../support/failure';
import { notification } from '../../support/notification';
import { receiver } from '../../support/receiver';

describe('webhook', () => {
  let server: Awaited<ReturnType<typeof receiver>>;
  beforeEach(async () => {
    server = await receiver();
  });
  afterEach(() => server.close());
  const secretPath = '/services/T0K3N?key=hush';
  const webhook = (timeoutMs?: number) =>
    createWebhook({ url: server.url + secretPath, format: 'generic', ...(timeoutMs ? { timeoutMs } : {}) });

  it('posts the notification as JSON with the id in body and headers', async () => {
    await webhook().send(notification('release/prod/shop/run-1:gate:3'));
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: secretPath });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-spillway-notification-id': 'release/prod/shop/run-1:gate:3',
      'idempotency-key': 'release/prod/shop/run-1:gate:3',
    });
    expect(JSON.parse(request?.body ?? '')).toEqual(notification('release/prod/shop/run-1:gate:3'));
  });

  it('posts what a Slack incoming webhook takes', async () => {
    await createWebhook({ url: server.url, format: 'slack' }).send(notification('a', { text: 'x < 5 % & rising' }));
    const body = JSON.parse(server.requests[0]?.body ?? '') as { text: string; blocks: readonly { type: string }[] };
    expect(body.text).toBe('x &lt; 5 % &amp; rising');
    expect(body.blocks.map(({ type }) => type)).toEqual(['section', 'context']);
  });

  it('sends an id that no header can hold by its hash, the same each time', async () => {
    for (const id of ['größe\r\nx: y', 'größe\r\nx: y', 'andere größe']) await webhook().send(notification(id));
    const ids = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(ids[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it.each([200, 202, 204])('takes %d for delivered', async (status) => {
    server.answer(status);
    await webhook().send(notification('a'));
  });

  it.each([
    [400, 'Rejected'],
    [401, 'Rejected'],
    [404, 'Rejected'],
    [410, 'Rejected'],
    [408, 'TargetUnavailable'],
    [429, 'TargetUnavailable'],
    [500, 'TargetUnavailable'],
    [503, 'TargetUnavailable'],
  ])('takes %d for %s and quotes neither the body nor the path', async (status, code) => {
    server.answer(status, {}, 'the token T0K3N is unknown');
    const error = await failure(webhook().send(notification('a')));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`webhook at ${server.host}: it answers ${status}`);
    expect(JSON.stringify([error.message, String(error.stack), error.cause])).not.toMatch(/T0K3N|hush|unknown/);
  });

  it.each([301, 302, 307, 308])('does not follow a redirect by %d', async (status) => {
    const other = await receiver();
    server.answer(status, { location: `${other.url}/T0K3N` });
    const error = await failure(webhook().send(notification('a')));
    await other.close();
    expect(error.code).toBe('TargetUnavailable');
    expect(error.message).toContain('redirects are not followed');
    expect(other.requests).toEqual([]);
  });

  it('gives up on a receiver that never answers', async () => {
    server.answer(undefined);
    const error = await failure(webhook(100).send(notification('a')));
    expect(error.code).toBe('TargetUnavailable');
    expect(error.message).toContain(`webhook at ${server.host}: no answer within 100ms`);
  });

  it('names the host alone of a receiver that is not there', async () => {
    await server.close();
    const error = await failure(webhook().send(notification('a')));
    expect(error.code).toBe('TargetUnavailable');
    expect(error.message).toContain(`webhook at ${server.host}: no connection (ECONNREFUSED)`);
    expect(error.message).not.toMatch(/T0K3N|hush/);
  });

  it.each(['T0K3N', 'ftp://example.org/T0K3N', ''])('refuses %j at creation without repeating it', (url) => {
    const create = () => createWebhook({ url, format: 'generic' });
    expect(create).toThrow('not an http or https URL');
    expect(create).not.toThrow('T0K3N');
  });

  it('sends credentials of the URL as a header', async () => {
    const url = server.url.replace('http://', 'http://bot:p%40ss@');
    await createWebhook({ url, format: 'generic' }).send(notification('a'));
    const expected = `Basic ${Buffer.from('bot:p@ss').toString('base64')}`;
    expect(server.requests[0]?.headers.authorization).toBe(expected);
  });
});
