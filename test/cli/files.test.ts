import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../src/cli/program';
import { createTestIo } from '../support/test-io';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(args: readonly string[], options: Parameters<typeof createTestIo>[0] = {}) {
  const test = createTestIo({ directory: folder, ...options });
  const code = await runCli(args, test.io);
  return { code, out: test.out(), err: test.err() };
}

const at = (name: string): string => path.join(folder, name);

async function initialised(): Promise<void> {
  await run(['init', folder, '--service', 'shop']);
}

test('init writes three files that lint accepts', async () => {
  expect(await run(['init', folder, '--service', 'shop'])).toMatchObject({ code: 0 });
  const linted = await run(['lint', at('release.yaml'), at('environment.yaml'), at('policy.yaml')]);
  expect(linted).toMatchObject({ code: 0, out: '' });
  expect(linted.err).toContain('a good environment');
});

test('init overwrites nothing', async () => {
  await writeFile(at('policy.yaml'), 'mine');
  const { code, err } = await run(['init', folder]);
  expect(code).toBe(1);
  expect(err).toContain('nothing was written');
  expect(await readFile(at('policy.yaml'), 'utf8')).toBe('mine');
});

test('init names the service after the folder, and refuses a name that is none', async () => {
  const { out } = await run(['init', at('My Shop'), '--json']);
  expect(JSON.parse(out)).toMatchObject({ service: 'my-shop' });
  expect(await run(['init', at('x'), '--service', 'A b'])).toMatchObject({ code: 1 });
});

test('lint says file, line and column of every issue', async () => {
  await initialised();
  const text = await readFile(at('release.yaml'), 'utf8');
  await writeFile(at('release.yaml'), text.replace('service:', 'servce:'));
  const { code, out } = await run(['lint', at('release.yaml')]);
  expect(code).toBe(2);
  expect(out).toMatch(/release\.yaml:3:1 key-unknown.*service/);
  const asJson = await run(['lint', at('release.yaml'), '--json']);
  expect(JSON.parse(asJson.out)).toMatchObject({
    ok: false,
    issues: expect.arrayContaining([expect.anything()]) as unknown,
  });
});

test('a missing file is an issue, not a crash', async () => {
  expect(await run(['lint', at('nothing.yaml')])).toMatchObject({
    code: 2,
    out: expect.stringContaining('file-missing') as unknown,
  });
});

test('plan --offline shows plan and digest without a worker', async () => {
  await initialised();
  const files = ['--environment-file', at('environment.yaml'), '--policy-file', at('policy.yaml')];
  const { code, out } = await run(['plan', at('release.yaml'), '--offline', ...files]);
  expect(code).toBe(0);
  expect(out).toMatch(/Plan sha256:[0-9a-f]{64}/);
  const asJson = JSON.parse((await run(['plan', at('release.yaml'), '--offline', '--json', ...files])).out) as {
    digest: string;
  };
  expect(out).toContain(asJson.digest);
  expect(await run(['plan', at('release.yaml'), '--offline'])).toMatchObject({ code: 1 });
});

test('plan --offline says what of a rotation only the worker finds out, and names no digest to start by', async () => {
  await initialised();
  const secrets = '{ role: shop_a, password: "env:A" }, { role: shop_b, password: "env:B" }';
  const targets = `  login: { kind: postgres-login, dsn: "env:DSN", logins: [${secrets}] }
  limits: { kind: configuration-file, paths: { blue: /etc/shop/blue.json, green: /etc/shop/green.json } }
services:`;
  const environment = (await readFile(at('environment.yaml'), 'utf8'))
    .replace('services:', targets)
    .replace('traffic: proxy,', 'traffic: proxy, credentials: login, configuration: limits,');
  await writeFile(at('environment.yaml'), environment);
  const descriptor = await readFile(at('release.yaml'), 'utf8');
  const files = ['--offline', '--environment-file', at('environment.yaml'), '--policy-file', at('policy.yaml')];
  const withParts = async (...parts: readonly string[]) => {
    await writeFile(at('release.yaml'), [descriptor, ...parts].join('\n'));
    const { code, err } = await run(['plan', at('release.yaml'), ...files]);
    return { code, err: err.replace(/\s+/g, ' ') };
  };
  const rotates = 'credentials: { setting: databaseLogin }';
  const alone = await withParts(rotates);
  expect(alone.code).toBe(0);
  expect(alone.err).toContain(
    'Which login of login is in use, only the worker finds out: stage rotate, the key that configure sets and the contract that revokes the old login are not shown here, and its plan has another digest.',
  );
  expect(alone.err).not.toMatch(/--expect-plan|combinations/);
  expect((await withParts(rotates, 'configuration: [{ set: { limit: 2 } }]')).err).toMatch(/Which login.*combinations/);
  const without = await withParts();
  expect(without.err).toContain('--expect-plan');
  expect(without.err).not.toContain('Which login');
});

test('plan --offline tells invalid from denied by its exit code', async () => {
  await initialised();
  const files = ['--offline', '--environment-file', at('environment.yaml'), '--policy-file', at('policy.yaml')];
  const policy = await readFile(at('policy.yaml'), 'utf8');
  await writeFile(at('policy.yaml'), policy.replace('maxFirstCanaryPercent: 25', 'maxFirstCanaryPercent: 1'));
  expect(await run(['plan', at('release.yaml'), ...files])).toMatchObject({
    code: 7,
    out: expect.stringContaining('policy-floor') as unknown,
  });
  const environment = await readFile(at('environment.yaml'), 'utf8');
  await writeFile(at('environment.yaml'), environment.replace('name: production', 'name: staging'));
  expect(await run(['plan', at('release.yaml'), ...files])).toMatchObject({ code: 2 });
});

test('start says what is wrong with a file before it connects', async () => {
  await writeFile(at('release.yaml'), 'service: [');
  expect(await run(['start', at('release.yaml')])).toMatchObject({ code: 2 });
});

test.each([
  [['aprove', 'shop'], 'Did you mean approve?'],
  [['start'], "missing required argument 'file'"],
  [['ls', '--wat'], "unknown option '--wat'"],
  [[], 'Usage: spillway'],
])('%j is wrong usage', async (args, words) => {
  expect(await run(args)).toMatchObject({ code: 1, err: expect.stringContaining(words) as unknown });
});

test.each([['--help'], ['--version'], ['help']])('%s is answered with 0', async (arg) => {
  expect(await run([arg])).toMatchObject({ code: 0, err: '' });
});

const commands =
  'init lint plan start watch status ls explain approve reject pause resume abort retry continue waive judge replay backtest doctor dev demo worker';

test('help names every command and every exit code', async () => {
  const { out } = await run(['--help']);
  for (const command of commands.split(' ')) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
  for (const code of ['130 detached', '10 contract incomplete', '8 act now']) expect(out).toContain(code);
});
