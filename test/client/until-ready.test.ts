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

async function start() {
  const { workflow } = new Client({ connection: temporal.connection });
  const workflowId = releaseWorkflowId(`test-${randomUUID().slice(0, 8)}`, 'shop');
  const handle = await workflow.start<typeof betweenRuns>('betweenRuns', { workflowId, taskQueue, args: [false] });
  await until('its first task is over', async () =>
    ((await handle.fetchHistory()).events ?? []).some((event) => event.workflowTaskCompletedEventAttributes != null),
  );
  return handle;
}

test('says an approval again that Temporal dropped with the workflow task that carried it', async () => {
  const handle = await start();
  await handle.signal('refusedUntil', Date.now() + 1_500);
  expect((await client.approve(handle.workflowId, ada)).sentence).toBe('Approved.');
  expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
  await handle.terminate();
});

test('says plainly that a release whose workflow tasks all fail did not take it', async () => {
  const handle = await start();
  await expect(client.approve(handle.workflowId, ada)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/does not count: its workflow tasks fail/) as string,
  });
  await handle.terminate();
});
