import { createHash } from 'node:crypto';
import { Client } from '@temporalio/client';
import { pickFreePort } from '../../src/stack/free-port';
import { connectClient, type SpillwayClient } from '../../src/client';
import type { Bundle } from '../../src/core/release/messages';
import { quickDescriptor, startRig, startTemporal, type Fields, type Rig } from '../support/release-rig';
import { until } from '../support/until';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let client: SpillwayClient;
let rig: Rig;

beforeAll(async () => {
  temporal = await startTemporal();
  client = await connectClient({ address: temporal.stack.temporal.address, uiUrl: 'http://127.0.0.1:1/', env: {} });
});
afterAll(async () => {
  await client.close();
  await temporal.close();
});
beforeEach(async () => {
  rig = await startRig(temporal.connection);
});
afterEach(async () => {
  // Temporal lists a release as open a moment longer than it is; the next test asks what is open.
  await until('no release is listed as open', async () => (await client.list()).length === 0);
  await rig.close();
});

const bundleOf = (environment: string, change: Fields = {}): Bundle => ({
  descriptor: { path: 'release.yaml', text: quickDescriptor(environment, change) },
  files: [],
});

const start = (change: Fields = {}, expectPlan?: string) =>
  client.start({
    bundle: bundleOf(rig.environment, change),
    environment: rig.environment,
    service: 'shop',
    requestedBy: 'cem',
    expectPlan,
  });

const long = { stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] };
const gated = { gates: { go: {} }, fullExposure: { gate: 'go', rollbackWindow: '400ms' } };
const ada = { by: 'ada', why: 'it looks fine' };

const reach = (
  workflowId: string,
  what: string,
  isSo: (state: Awaited<ReturnType<SpillwayClient['state']>>) => boolean,
) => until(what, async () => isSo(await client.state(workflowId)));

test('starts a release and reads its report', async () => {
  const started = await start();
  expect(started.workflowId).toBe(`release/${rig.environment}/shop`);
  expect(started.uiUrl).toContain(
    `http://127.0.0.1:1/namespaces/default/workflows/release%2F${rig.environment}%2Fshop/`,
  );
  const report = await client.result(started.workflowId, { firstRunId: started.firstRunId });
  expect(report.ending).toBe('Promoted');
});

test('refuses a second release with who holds the lock', async () => {
  const { workflowId } = await start(long);
  await expect(start()).rejects.toMatchObject({
    code: 'already-running',
    message: expect.stringMatching(/version 2\.0\.0, started by cem at .*spillway abort/) as unknown,
  });
  await client.abort(workflowId, ada);
  await client.result(workflowId);
});

test('shows the plan that a release of the same bundle then has', async () => {
  const planned = await client.plan({
    bundle: bundleOf(rig.environment),
    environment: rig.environment,
    service: 'shop',
    requestedBy: 'cem',
  });
  if (!planned.ok) throw new Error('refused');
  const { workflowId } = await start({}, planned.sealed.seal.planDigest);
  expect((await client.result(workflowId)).planDigest).toBe(planned.sealed.seal.planDigest);
});

test('gives back a refusal as a report', async () => {
  const { workflowId } = await start({}, `sha256:${'0'.repeat(64)}`);
  const report = await client.result(workflowId);
  expect(report.ending).toBe('Refused');
  expect(report.refusals.map(({ kind }) => kind)).toEqual(['denied']);
});

test('approves a gate, and hands on the reason where the release says no', async () => {
  const { workflowId } = await start(gated);
  await reach(workflowId, 'the gate is open', ({ gates }) => gates['go'] !== undefined);
  await expect(client.approve(workflowId, { ...ada, gate: 'stop' })).rejects.toMatchObject({
    code: 'refused',
    message: 'the open gate is go, not stop',
  });
  await expect(client.approve(workflowId, { ...ada, gate: 'go' })).resolves.toMatchObject({ accepted: true });
  await client.result(workflowId);
  await expect(client.approve(workflowId, { ...ada, gate: 'go' })).rejects.toMatchObject({ code: 'ended' });
});

test('takes a repeated approval for the same one', async () => {
  const { workflowId } = await start({
    gates: { go: { approvals: 2 } },
    fullExposure: { gate: 'go', rollbackWindow: '400ms' },
  });
  await reach(workflowId, 'the gate is open', ({ gates }) => gates['go'] !== undefined);
  const same = { ...ada, gate: 'go', id: 'same' };
  await client.approve(workflowId, same);
  await client.approve(workflowId, same);
  expect((await client.state(workflowId)).gates['go']?.approvals).toHaveLength(1);
  await client.reject(workflowId, { by: 'eve', why: 'no', gate: 'go' });
  expect((await client.result(workflowId)).failure?.code).toBe('GateRejected');
});

test('sees the watch, pauses, resumes and aborts', async () => {
  const { workflowId } = await start(long);
  await reach(workflowId, 'exposed', ({ stage }) => stage === 'expose-25');
  await until('the watch is seen', async () => (await client.sight(workflowId)).view?.canaryPercentWanted === 25);
  await client.pause(workflowId, ada);
  await expect(client.pause(workflowId, ada)).rejects.toMatchObject({ code: 'refused' });
  await client.resume(workflowId, ada);
  const aborted = await client.abort(workflowId, ada);
  expect(aborted).toMatchObject({ isActing: true });
  expect((await client.result(workflowId)).ending).toBe('Aborted');
  await expect(client.abort(workflowId, ada)).rejects.toMatchObject({ code: 'ended' });
});

test('follows a release to its end, one sight after the other', async () => {
  const { workflowId, firstRunId } = await start();
  const phases = new Set<string>();
  for await (const sight of client.follow(workflowId, { firstRunId, everyMs: 20 }))
    if (sight.kind === 'state') phases.add(sight.state.phase);
  expect([...phases]).toEqual(expect.arrayContaining(['Releasing', 'Promoted']));
});

test('lists open and ended releases, and finds the environment of a service', async () => {
  const { workflowId } = await start(long);
  const { environment } = rig;
  await until('it is listed', async () =>
    (await client.list({ environment })).some((row) => row.stage === 'expose-25'),
  );
  expect(await client.list({ environment })).toMatchObject([
    { workflowId, service: 'shop', environment, version: '2.0.0', requestedBy: 'cem', status: 'RUNNING' },
  ]);
  expect(await client.resolve('shop')).toBe(workflowId);
  expect(await client.resolve(`${environment}/shop`)).toBe(workflowId);
  await client.abort(workflowId, ada);
  await client.result(workflowId);
  await until('it is listed as ended', async () => (await client.list({ environment, isOpen: false })).length === 1);
});

test('says which release is unknown and what is open', async () => {
  await expect(client.newestContract(`release/${rig.environment}/shop`)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringMatching(/There is no contract of shop in .*: one begins with the promotion/) as string,
  });
  await expect(client.resolve('nothing')).rejects.toMatchObject({
    code: 'not-found',
    message: 'There is no release of nothing. No release is open now.',
  });
  await expect(client.state(`release/${rig.environment}/nothing`)).rejects.toMatchObject({ code: 'not-found' });
});

test('says that no worker polls the queue and how to start one', async () => {
  await expect(
    client.plan({ bundle: bundleOf('lonely'), environment: 'lonely', service: 'shop', requestedBy: 'cem' }),
  ).rejects.toMatchObject({
    code: 'no-worker',
    message: expect.stringMatching(/spillway-lonely-workflow.*spillway worker/) as unknown,
  });
  expect((await client.pollers('lonely')).map(({ pollers }) => pollers)).toEqual([0, 0, 0, 0, 0]);
  expect((await client.pollers(rig.environment)).every(({ pollers }) => pollers > 0)).toBe(true);
});

test('an abort without a worker is recorded and says so', async () => {
  const { workflowId } = await client.start({
    bundle: bundleOf('lonely'),
    environment: 'lonely',
    service: 'shop',
    requestedBy: 'cem',
  });
  const aborted = await client.abort(workflowId, ada, 500);
  expect(aborted).toMatchObject({ isActing: false });
  await new Client({ connection: temporal.connection }).workflow.getHandle(workflowId).terminate();
  await expect(client.result(workflowId)).rejects.toMatchObject({ code: 'terminated' });
});

test('says where Temporal was looked for when nothing answers', async () => {
  const port = await pickFreePort();
  await expect(connectClient({ address: `127.0.0.1:${port}`, env: {} })).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port}.*spillway dev.*TEMPORAL_ADDRESS`)) as unknown,
  });
});

test('names a namespace that is missing', async () => {
  const elsewhere = await connectClient({ address: temporal.stack.temporal.address, namespace: 'nowhere', env: {} });
  await expect(elsewhere.readNamespace()).rejects.toMatchObject({ code: 'namespace-missing' });
  await expect(elsewhere.state('release/test/shop')).rejects.toMatchObject({ code: 'namespace-missing' });
  await expect(elsewhere.list()).rejects.toMatchObject({ code: 'namespace-missing' });
  await elsewhere.close();
});

test('the namespace of the stack has every search attribute', async () => {
  expect(await client.readNamespace()).toEqual({ namespace: 'default', missingAttributes: [] });
});

test('a contract waits for its own approval, which the service’s name reaches', async () => {
  const text = 'select 1;\n';
  const files = [{ path: 'c.sql', sha256: createHash('sha256').update(text).digest('hex'), text }];
  const change = { migrations: [{ id: '001', contract: { sql: 'c.sql', undo: { skip: 'the old form is unused' } } }] };
  const bundle: Bundle = { ...bundleOf(rig.environment, change), files };
  const { workflowId } = await client.start({
    bundle,
    environment: rig.environment,
    service: 'shop',
    requestedBy: 'cem',
  });
  expect((await client.result(workflowId)).ending).toBe('Promoted');
  const open = () => client.list({ environment: rig.environment, kind: 'contract' });
  await until('the contract is listed', async () => (await open()).length === 1);
  const contract = (await open())[0]?.workflowId ?? '';
  await until('its gate is open', async () => (await client.contractState(contract)).phase === 'WaitingForApproval');
  await client.approve(workflowId, { ...ada, gate: 'contract' });
  await until('it is contracted', async () => (await client.contractState(contract)).phase === 'Contracted');
});
