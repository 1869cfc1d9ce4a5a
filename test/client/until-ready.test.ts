import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { connectClient, type SpillwayClient } from '../../src/client';
import { releaseWorkflowId } from '../../src/core/release/messages';
import type { betweenRuns } from '../support/between-runs';
import { startTemporal } from '../support/release-rig';
import { until } from '../support/until';
import { workflowBundle } from '../support/workflow-bundle';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let client: SpillwayClient;
let worker: Worker;
let working: Promise<void>;

const taskQueue = 'between-runs';
const ada = { by: 'ada', why: 'it looks fine', gate: 'go' };

beforeAll(async () => {
  temporal = await startTemporal();
  client = await connectClient({ address: temporal.stack.temporal.address, env: {} });
  worker = await Worker.create({
    connection: temporal.connection,
    taskQueue,
    workflowBundle: await workflowBundle({ workflowsPath: require.resolve('../support/between-runs') }),
  });
  working = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await working;
  await client.close();
  await temporal.close();
});

async function start(kind: Parameters<typeof betweenRuns>[0]) {
  const handle = await new Client({ connection: temporal.connection }).workflow.start<typeof betweenRuns>(
    'betweenRuns',
    { workflowId: releaseWorkflowId(`test-${randomUUID().slice(0, 8)}`, 'shop'), taskQueue, args: [kind] },
  );
  async function hasTask(isMeant: 'workflowTaskCompletedEventAttributes' | 'workflowTaskFailedEventAttributes') {
    const { events } = await handle.fetchHistory();
    return (events ?? []).some((event) => event[isMeant] != null);
  }
  await until('its first task is over', () => hasTask('workflowTaskCompletedEventAttributes'));
  return { handle, hasFailed: () => hasTask('workflowTaskFailedEventAttributes') };
}

test('says an approval again that Temporal dropped because a message came in as a new run began', async () => {
  const { handle, hasFailed } = await start('begins a new run');
  const approving = client.approve(handle.workflowId, ada);
  await until('a message came in between', async () => {
    await handle.signal('heard');
    return hasFailed();
  });
  expect((await approving).sentence).toMatch(/^Approved/);
  expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
  await handle.terminate();
});

test('says plainly that a release whose workflow tasks all fail did not take it', async () => {
  const { handle } = await start('cannot go on');
  await expect(client.approve(handle.workflowId, ada)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/does not count: its workflow tasks fail/) as string,
  });
  await handle.terminate();
});
