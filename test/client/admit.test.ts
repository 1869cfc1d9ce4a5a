import { createHash } from 'node:crypto';
import { createClient, type SpillwayClient } from '../../src/client';
import type { Bundle } from '../../src/core/release/messages';
import { quickDescriptor } from '../support/release-rig';

const canary = 'canary-hunter2-Zx9';
const token = `ghp_${'A1b2'.repeat(9)}`;

/** A client whose server must not be asked anything. */
function silentClient(): { readonly client: SpillwayClient; readonly asked: readonly string[] } {
  const asked: string[] = [];
  const server = new Proxy(Object.create(null) as Parameters<typeof createClient>[0]['client'], {
    get: (_target, name) => {
      asked.push(String(name));
      throw new Error('the server was asked');
    },
  });
  const settings = { address: '127.0.0.1:1', namespace: 'default', profile: 'default', connection: {} };
  return { client: createClient({ client: server, settings }), asked };
}

const sql = `alter role shop password '${canary}'`;
const bundleOf = (fields: Parameters<typeof quickDescriptor>[1], files: Bundle['files'] = []): Bundle => ({
  descriptor: { path: 'release.yaml', text: quickDescriptor('production', fields) },
  files,
});

const requests: readonly (readonly [name: string, bundle: Bundle, requestedBy: string, told: RegExp])[] = [
  [
    'a secret in its configuration',
    bundleOf({ configuration: [{ set: { dbPassword: canary } }] }),
    'cem',
    /release\.yaml:\d+:\d+ secret-in-text configuration\[0\]\.set\.dbPassword/,
  ],
  [
    'a secret in a flag',
    bundleOf({ flags: [{ flag: 'a', value: { payload: token } }] }),
    'cem',
    /release\.yaml:\d+:\d+ secret-in-text flags\[0\]\.value\.payload/,
  ],
  [
    'a secret in a SQL file',
    bundleOf({ invariants: [{ id: 'a', query: 'a.sql' }] }, [
      { path: 'a.sql', sha256: createHash('sha256').update(sql).digest('hex'), text: sql },
    ]),
    'cem',
    /a\.sql:1:\d+ secret-in-text/,
  ],
  [
    'a secret in a text that is no YAML',
    { descriptor: { path: 'release.yaml', text: `service: [\n# ${token}` }, files: [] },
    'cem',
    /release\.yaml:\d+:\d+ /,
  ],
  ['a credential for a name', bundleOf({}), token, /`requestedBy` has the form of a credential \(rule github-token\)/],
];

it.each(requests)('a request with %s is not sent, neither to start nor to plan', async (_name, bundle, by, told) => {
  const { client, asked } = silentClient();
  const input = { bundle, environment: 'production', service: 'shop', requestedBy: by };
  for (const ask of [client.start, client.plan]) {
    const error: unknown = await ask(input).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ name: 'ClientError', code: 'invalid' });
    expect(String(error)).toMatch(told);
    expect(String(error)).not.toMatch(/hunter2|A1b2/);
  }
  expect(asked).toEqual([]);
});

it('a request without a secret is sent', async () => {
  const { client, asked } = silentClient();
  const input = { bundle: bundleOf({}), environment: 'production', service: 'shop', requestedBy: 'cem' };
  await expect(client.start(input)).rejects.toThrow('the server was asked');
  expect(asked).not.toEqual([]);
});
