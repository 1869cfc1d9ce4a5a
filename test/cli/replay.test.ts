import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../src/cli/program';
import { createTestIo } from '../support/test-io';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-replay-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const folderName = __dirname;
const example = path.join(__dirname, '..', '..', 'examples', 'look-back', 'streams.jsonl');

async function replay(...args: readonly string[]) {
  const test = createTestIo({ directory: folder });
  const code = await runCli(['replay', ...args], test.io);
  return { code, out: test.out(), err: test.err() };
}

const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly s: string; readonly t: number; readonly decision: string });

test('the harmful stream of the example is rolled back after its errors began, the healthy one is not', async () => {
  const { code, out, err } = await replay(example, '--decisions');
  expect(code).toBe(0);
  const rollbacks = linesOf(out).filter(({ decision }) => decision === 'rollback');
  expect(rollbacks).toMatchObject([{ s: 'harmful' }]);
  expect(rollbacks[0]?.t).toBeGreaterThan(150);
  expect(err).toMatch(/^2 streams: 1 rolled back/);
});

test('--decisions writes the same lines into a file, whichever way round it is said', async () => {
  const file = path.join(folder, 'd.jsonl');
  const printed = await replay(example, '--decisions');
  expect(await replay(example, '--decisions', file)).toMatchObject({ code: 0, out: '' });
  expect(await readFile(file, 'utf8')).toBe(printed.out);
  expect((await replay('--decisions', example)).out).toBe(printed.out);
});

test('people read time and reason, machines one object', async () => {
  expect((await replay(example)).out).toMatch(/^harmful {2}.* {2}rollback {2}/m);
  const { out } = await replay(example, '--json');
  expect(JSON.parse(out)).toMatchObject({ ok: true, streams: 2, rolledBack: 1, issues: [] });
});

test('other limits decide otherwise', async () => {
  const { err } = await replay(example, '--alpha', '1e-300');
  expect(err).toMatch(/2 streams: 0 rolled back/);
});

test('a bad line ends with 2, says file and line, and the other streams are judged', async () => {
  const file = path.join(folder, 's.jsonl');
  await writeFile(file, `${await readFile(example, 'utf8')}{"s":"healthy"}\n`);
  const { code, err } = await replay(file);
  expect(code).toBe(2);
  expect(err).toMatch(/s\.jsonl:83:1 key-missing t/);
  expect(err).toMatch(/2 streams: 1 rolled back.*1 refused/);
});

test('a file in which Windows ended the lines is read', async () => {
  const file = path.join(folder, 's.jsonl');
  await writeFile(file, (await readFile(example, 'utf8')).replaceAll('\n', '\r\n'));
  expect((await replay(file, '--decisions')).out).toBe((await replay(example, '--decisions')).out);
});

test.each([
  ['nothing', [], /wants a FILE .* or a RELEASE/],
  ['a file that is not there', ['none.jsonl'], /none\.jsonl: there is no such file/],
  ['a folder', [folderName], /this is a folder/],
  ['decisions into nowhere', [example, '--decisions', '/no/such/folder/d.jsonl'], /cannot be written \(ENOENT\)/],
  ['a release without its store', ['shop'], /--environment-file FILE, or set SPILLWAY_STORE_DSN/],
  ['a limit that is no number', [example, '--alpha', 'small'], /--alpha wants a number above 0 and below 1/],
  ['a limit out of range', [example, '--alpha', '2'], /--alpha wants a number above 0 and below 1/],
  ['limits of a stream for a release', ['shop', '--alpha', '0.1'], /a RELEASE takes --limit/],
  ['limits of a release for a stream', [example, '--limit', 'a=1%'], /a recorded stream takes --alpha/],
])('%s is refused', async (_name, args, wanted) => {
  const { code, err } = await replay(...args);
  expect(code).toBe(1);
  expect(err).toMatch(wanted);
});

test('a file without streams is not called good', async () => {
  const file = path.join(folder, 'empty.jsonl');
  await writeFile(file, '\n');
  expect(await replay(file)).toMatchObject({ code: 2, err: expect.stringContaining('holds no stream') as unknown });
});
