import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../src/cli/program';
import { createTestIo } from '../support/test-io';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-cli-'));
  await run(['init', folder, '--service', 'shop']);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

async function run(args: readonly string[], env: { readonly [name: string]: string } = {}) {
  const test = createTestIo({ directory: folder, env });
  const code = await runCli(args, test.io);
  return { code, out: test.out(), err: test.err() };
}

async function append(file: string, text: string): Promise<void> {
  await writeFile(at(file), `${await readFile(at(file), 'utf8')}\n${text}\n`);
}

test.each([['lint'], ['start'], ['plan']])(
  '%s refuses a secret before it connects, and does not say it',
  async (name) => {
    await append('release.yaml', 'configuration: [{ set: { apiKey: canary-hunter2 } }]');
    const { code, out, err } = await run([name, at('release.yaml')]);
    expect(code).toBe(2);
    expect(out).toMatch(
      /release\.yaml:\d+:34 secret-in-text configuration\[0\]\.set\.apiKey: .*`env:NAME`.*`notSecret`/,
    );
    expect(out + err).not.toContain('hunter2');
  },
);

test('lint names the SQL file that holds a secret, as it was called', async () => {
  await append('release.yaml', 'invariants: [{ id: a, query: a.sql }]');
  await writeFile(at('a.sql'), "alter role shop password 'canary-hunter2'");
  const { code, out } = await run(['lint', at('release.yaml')]);
  expect([code, out.startsWith(`${at('a.sql')}:1:17 secret-in-text: `)]).toEqual([2, true]);
  expect(out).not.toContain('hunter2');
});

test('a plan says what is taken for no secret, and why', async () => {
  await append('release.yaml', 'configuration: [{ set: { tokenKind: x, token: bearer-v2 } }]');
  await append('release.yaml', 'notSecret: [{ at: "configuration[0].set.token", because: a kind of token }]');
  await writeFile(at('environment.yaml'), withConfiguration(await readFile(at('environment.yaml'), 'utf8')));
  const { code, out } = await run(['plan', at('release.yaml'), ...offline()]);
  expect(code).toBe(0);
  expect(out.replace(/\s+/g, ' ')).toContain(
    'What stands at configuration[0].set.token looks like a secret and is taken for none: a kind of token',
  );
});

const offline = (): readonly string[] => [
  '--offline',
  '--environment-file',
  at('environment.yaml'),
  '--policy-file',
  at('policy.yaml'),
];

const withConfiguration = (environment: string): string =>
  environment
    .replace(
      'services:',
      '  limits: { kind: configuration-file, paths: { blue: /etc/shop/blue.json, green: /etc/shop/green.json } }\nservices:',
    )
    .replace('traffic: proxy,', 'traffic: proxy, configuration: limits,');

/** A secret as it could leak: itself, in parts, encoded, or as a digest by which it could be guessed. */
function tracesOf(secret: string): readonly string[] {
  const digests = ['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) => {
    const digest = createHash(algorithm).update(secret).digest();
    return [digest.toString('hex').slice(0, 16), digest.toString('base64').slice(0, 12)];
  });
  return [
    secret,
    secret.slice(0, 8),
    secret.slice(-8),
    Buffer.from(secret).toString('base64').slice(0, 12),
    ...digests,
  ];
}

test('the JSON of a plan shows neither the text nor a digest of a secret that is referred to', async () => {
  const names = ['STORE', 'SEAL', 'DATABASE', 'LOGIN', 'LOGIN_A', 'LOGIN_B', 'UNLEASH', 'GIT', 'SIGN', 'HOOK', 'API'];
  const secrets = new Map(names.map((name) => [name, randomBytes(24).toString('hex')]));
  for (const [name, secret] of secrets) await writeFile(at(name), `${secret}\n`);
  // Every other one is behind a file, and all are there for whoever would read them.
  const reference = (name: string): string => (names.indexOf(name) % 2 === 0 ? `"env:${name}"` : `"file:${at(name)}"`);
  await writeFile(
    at('environment.yaml'),
    `apiVersion: spillway/v1
kind: environment
name: production
store: { dsn: ${reference('STORE')} }
sealKey: ${reference('SEAL')}
targets:
  proxy: { kind: haproxy, backend: shop, sockets: [/run/haproxy.sock], stateFiles: none, sentinels: [{ url: "http://127.0.0.1:1", token: ${reference('API')} }] }
  slots:
    kind: exec
    deploy: [slotctl]
    status: [slotctl]
    drain: [slotctl]
    undeploy: [slotctl]
    urls: { blue: "http://127.0.0.1:8001", green: "http://127.0.0.1:8002" }
  database: { kind: postgres, dsn: ${reference('DATABASE')} }
  login:
    kind: postgres-login
    dsn: ${reference('LOGIN')}
    logins: [{ role: a, password: ${reference('LOGIN_A')} }, { role: b, password: ${reference('LOGIN_B')} }]
  flags: { kind: unleash, url: "http://127.0.0.1:1", environment: production, token: ${reference('UNLEASH')} }
  limits:
    kind: configuration-git
    repository: ${reference('GIT')}
    paths: { blue: blue.json, green: green.json }
    sign: { key: ${reference('SIGN')} }
  chat: { kind: webhook, url: ${reference('HOOK')} }
services:
  shop: { traffic: proxy, deployer: slots, database: database, credentials: login, flags: flags, configuration: limits }
`,
  );
  await append(
    'release.yaml',
    `configuration: [{ set: { apiKey: ${reference('API')}, databasePassword: "file:${at('DATABASE')}" } }]
flags: [{ flag: a, value: true }]
credentials: { setting: databaseLogin }
notify: [{ to: chat }]
invariants: [{ id: a, query: a.sql }]`,
  );
  await writeFile(at('a.sql'), 'select 1 where false');
  const { code, out, err } = await run(
    ['plan', at('release.yaml'), ...offline(), '--json'],
    Object.fromEntries(secrets),
  );
  expect([code, err]).toEqual([0, expect.any(String)]);
  expect(Object.keys((JSON.parse(out) as { plan: { targetDigests: object } }).plan.targetDigests)).toContain('flags');
  const leaked = [...secrets].filter(([, secret]) => tracesOf(secret).some((trace) => (out + err).includes(trace)));
  expect(leaked.map(([name]) => name)).toEqual([]);
});
