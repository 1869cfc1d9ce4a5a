import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../src/cli/program';
import { connectClient, type SpillwayClient } from '../../src/client';
import type { ReleaseState } from '../../src/core/release/state';
import { quickDescriptor, startRig, startTemporal, type Fields, type Rig } from '../support/release-rig';
import { files, migrations } from '../support/shop-release';
import { createTestIo } from '../support/test-io';
import { until } from '../support/until';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let client: SpillwayClient;
let rig: Rig;
let folder: string;

beforeAll(async () => {
  temporal = await startTemporal();
  client = await connectClient({ address: temporal.stack.temporal.address, uiUrl: 'http://127.0.0.1:1', env: {} });
});
afterAll(async () => {
  await client.close();
  await temporal.close();
});
beforeEach(async () => {
  rig = await startRig(temporal.connection);
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-cli-'));
});
afterEach(async () => {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

type Options = Parameters<typeof createTestIo>[0];

function begin(args: readonly string[], options: Options = {}) {
  const test = createTestIo({ client, directory: folder, ...options });
  return { ...test, code: runCli(args, test.io) };
}

async function run(args: readonly string[], options: Options = {}) {
  const begun = begin(args, options);
  return { code: await begun.code, out: begun.out(), err: begun.err() };
}

async function descriptor(change: Fields = {}, environment = rig.environment): Promise<string> {
  const file = path.join(folder, 'release.yaml');
  await writeFile(file, quickDescriptor(environment, change));
  return file;
}

const name = (): string => `${rig.environment}/shop`;
const id = (): string => `release/${name()}`;
const reach = (what: string, isSo: (state: ReleaseState) => boolean) =>
  until(what, async () => {
    const found = await client.list({ environment: rig.environment });
    return found.length > 0 && isSo(await client.state(id()));
  });

const long = { stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] };
const gated = { gates: { go: {} }, fullExposure: { gate: 'go', rollbackWindow: '400ms' } };
const why = ['--why', 'because'];

async function aborted(): Promise<void> {
  await run(['abort', name(), ...why]);
  await client.result(id());
}

test('start --watch shows every change as a line and ends with 0 when promoted', async () => {
  const { code, out } = await run(['start', await descriptor(), '--watch']);
  expect(code).toBe(0);
  expect(out).toMatch(/^release {2}release\/.*\nrun .*\nplan {5}sha256:[0-9a-f]{64}\nTemporal http/);
  for (const part of ['✔ expose-5 done', '✔ expose-full done', 'Promoted: shop 2.0.0 serves everyone'])
    expect(out).toContain(part);
});

test('start ends at once and says how to watch', async () => {
  const { code, out } = await run(['start', await descriptor(), '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ workflowId: id(), planDigest: expect.stringMatching(/^sha256:/) as unknown });
  expect(await run(['watch', name()])).toMatchObject({ code: 0 });
});

test('a release that is rolled back ends with 3, and explain says why with numbers and proof', async () => {
  const watching = begin(['start', await descriptor(long), '--watch', '--json']);
  await reach('exposed', ({ stage }) => stage === 'expose-25');
  rig.world.breakSlot('green', 0.5);
  expect(await watching.code).toBe(3);
  expect(JSON.parse(watching.out())).toMatchObject({
    exitCode: 3,
    phase: 'RolledBack',
    report: { proof: { isRestored: true } },
  });
  const explained = await run(['explain', name()]);
  expect(explained.code).toBe(0);
  for (const part of ['✖ http-errors:', 'Undone', 'Proof: the baseline is restored'])
    expect(explained.out).toContain(part);
  expect(await run(['status', name()])).toMatchObject({ code: 3 });
});

test('abort turns the release back and whoever watches ends with 4', async () => {
  const watching = begin(['start', await descriptor(long), '--jsonl']);
  await reach('exposed', ({ stage }) => stage === 'expose-25');
  const { code, out } = await run(['abort', name(), ...why]);
  expect(code).toBe(0);
  expect(out).toMatch(/Rolling back|Aborted/);
  expect(await watching.code).toBe(4);
  const objects = watching
    .out()
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as { type: string });
  expect(objects.at(-1)).toMatchObject({ type: 'end', exitCode: 4 });
  // The end is shown a moment before the workflow closes.
  await until('it is closed', async () => /has ended already/.test((await run(['abort', name(), ...why])).err));
  expect(await run(['abort', name(), ...why])).toMatchObject({ code: 7 });
});

test('--until approval ends with 5; approve opens the gate', async () => {
  expect(await run(['start', await descriptor(gated), '--until', 'approval'])).toMatchObject({ code: 5 });
  expect(await run(['approve', name(), 'stop', ...why])).toMatchObject({
    code: 7,
    err: 'spillway: the open gate is go, not stop\n',
  });
  const approved = await run(['approve', name(), '--json'], { answer: 'asked at the terminal' });
  expect(JSON.parse(approved.out)).toMatchObject({ accepted: true, by: 'cem' });
  expect(await run(['watch', name()])).toMatchObject({ code: 0 });
  expect(await run(['approve', name(), ...why])).toMatchObject({ code: 7 });
});

test('reject rolls the release back', async () => {
  await run(['start', await descriptor(gated), '--until', 'approval']);
  expect(await run(['reject', name(), ...why])).toMatchObject({ code: 0 });
  expect(await run(['watch', name()])).toMatchObject({ code: 3 });
});

test('a decision without a reason is refused where nobody can be asked', async () => {
  await run(['start', await descriptor(long)]);
  expect(await run(['pause', name()])).toMatchObject({ code: 1, err: expect.stringContaining('--why') as unknown });
  expect(await run(['pause', name(), ...why, '--as', 'eve'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('eve paused it') as unknown,
  });
  expect(await run(['resume', name(), ...why])).toMatchObject({ code: 0 });
  expect(await run(['retry', name(), ...why])).toMatchObject({
    code: 7,
    err: expect.stringContaining('nothing is stuck') as unknown,
  });
  await aborted();
});

test('--timeout ends with 6 and Ctrl-C with 130; the release goes on', async () => {
  await run(['start', await descriptor(long)]);
  expect(await run(['watch', name(), '--timeout', '200ms'])).toMatchObject({
    code: 6,
    err: expect.stringContaining('the release goes on') as unknown,
  });
  await reach('exposed', ({ stage }) => stage === 'expose-25');
  const watching = begin(['watch', name()], { columns: 100 });
  await until('the tree is drawn', () => watching.out().includes('shop 2.0.0'));
  watching.interrupt();
  expect(await watching.code).toBe(130);
  expect(watching.err()).toContain('spillway abort');
  expect(watching.out().endsWith('\u001b[?25h')).toBe(true);
  expect((await client.state(id())).phase).toBe('Releasing');
  await aborted();
});

test('plan --trial shows what came of every undo, and ends with 2 when one is not the inverse', async () => {
  const file = await descriptor(migrations);
  for (const [path, sql] of Object.entries(files)) await writeFile(`${folder}/${path}`, sql);
  expect((await run(['plan', file])).err).toContain('plan FILE --trial');
  const tried = await run(['plan', file, '--trial']);
  expect(tried).toMatchObject({ code: 0, out: expect.stringContaining('gives back the schema') as unknown });
  rig.world.database.answerTrial({ outcome: 'not-tried', why: 'user app may not make databases', fix: 'Grant it.' });
  expect((await run(['plan', file, '--trial'])).out).toMatch(
    /undo not tried: user app may not make databases\n.*Grant it/,
  );
  rig.world.database.answerTrial(undefined);
  rig.world.database.leaveBehind('003.undo.sql');
  const wrong = await run(['plan', file, '--trial']);
  expect(wrong).toMatchObject({ code: 2, out: expect.stringContaining('undo-differs') as unknown });
  expect(JSON.parse((await run(['plan', file, '--trial', '--json'])).out)).toMatchObject({
    ok: false,
    refusals: [{ code: 'undo-differs' }],
    trials: [{ trial: { outcome: 'differs' } }],
  });
});

test('a plan that is not the expected one ends with 7, and a second release is refused', async () => {
  const file = await descriptor(long);
  const refused = await run(['start', file, '--expect-plan', `sha256:${'0'.repeat(64)}`]);
  expect(refused).toMatchObject({ code: 7, out: expect.stringContaining('plan-changed') as unknown });
  const planned = JSON.parse((await run(['plan', file, '--json'])).out) as { digest: string };
  expect(await run(['start', file, '--expect-plan', planned.digest])).toMatchObject({ code: 0 });
  const second = await run(['start', file, '--json']);
  expect(second.code).toBe(7);
  expect(JSON.parse(second.out)).toMatchObject({ error: { code: 'already-running' } });
  await aborted();
});

test('ls and status show what is open', async () => {
  await run(['start', await descriptor(long)]);
  await reach('exposed', ({ stage }) => stage === 'expose-25');
  await until('it is listed', async () =>
    (await client.list({ environment: rig.environment })).some(({ stage }) => stage === 'expose-25'),
  );
  const listed = await run(['ls', '--environment', rig.environment]);
  expect(listed.out).toMatch(
    /^service +version +environment +where +for +why\nshop +2\.0\.0 .*Releasing expose-25 .*Exposed at 25 %/,
  );
  const shown = await run(['status', 'shop', '-e', rig.environment]);
  expect(shown).toMatchObject({ code: 0, out: expect.stringMatching(/◐ expose-25 +running/) as unknown });
  expect(JSON.parse((await run(['status', name(), '--json'])).out)).toMatchObject({
    stage: 'expose-25',
    version: '2.0.0',
  });
  await aborted();
  const none = await run(['ls', '-e', rig.environment, '--json']);
  await until('it is not open', async () => (await client.list({ environment: rig.environment })).length === 0);
  expect(JSON.parse(none.out)).toHaveProperty('releases');
});

test('start says that no worker polls the queue and that the release waits', async () => {
  const environment = `${rig.environment}-lonely`;
  const started = await run(['start', await descriptor({}, environment)]);
  expect(started).toMatchObject({
    code: 0,
    err: expect.stringMatching(/No worker polls the queues of .*lonely: the release waits/) as unknown,
  });
  expect(await run(['watch', `${environment}/shop`, '--timeout', '300ms'])).toMatchObject({
    err: expect.stringContaining('the release goes on') as unknown,
    code: 6,
  });
  await rig.client.workflow.getHandle(`release/${environment}/shop`).terminate();
});

test('doctor names what is missing and exits with 1', async () => {
  expect(await run(['doctor', '-e', rig.environment])).toMatchObject({ code: 0 });
  const { code, out } = await run(['doctor', '-e', 'lonely']);
  expect(code).toBe(1);
  expect(out.match(/✖ queue spillway-lonely-/g)).toHaveLength(5);
});

test('a release nobody knows is said with what is open', async () => {
  expect(await run(['watch', 'nothing'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no release of nothing') as unknown,
  });
  expect(await run(['watch', 'Bad Name'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('is no release') as unknown,
  });
});

test('an ended release is explained and has its exit code when no worker runs any more', async () => {
  expect(await run(['start', await descriptor(), '--watch'])).toMatchObject({ code: 0 });
  // The end is shown a moment before the workflow closes, for which it needs its worker.
  await client.result(id());
  await rig.worker.shutdown();
  expect(await run(['explain', name()])).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('Promoted: shop 2.0.0') as unknown,
  });
  expect(await run(['status', name(), '--json'])).toMatchObject({ code: 0 });
  expect(await run(['watch', name()])).toMatchObject({ code: 0 });
});
