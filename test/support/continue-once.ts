import type { Client } from '@temporalio/client';
import { signals } from './release-rig';
import { said } from './messages';
import { until } from './until';

/** Sends what is refused, and so changes nothing, until the workflow goes on in a new run. */
export async function continueOnce(client: Client, workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  for (let sent = 0; sent < 200; sent += 1) {
    if ((await handle.describe()).runId !== runId) return;
    await handle.signal(signals.reject, said('eve', { gate: 'nowhere' }));
  }
  throw new Error(`${workflowId} did not continue as new`);
}

/** A server wants a new run from 4 MB on; from 10 MB on a release takes it for a flood. */
const hugeMessages = 6;
const hugeLength = 900_000;

/** The same where the server's limits are the usual ones: by few messages, so large that nobody reads them. */
export async function continueBySize(client: Client, workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  for (let sent = 0; sent < hugeMessages; sent += 1)
    await handle.signal(signals.reject, said('eve', { gate: 'x'.repeat(hugeLength) }));
  await until('a new run', async () => (await handle.describe()).runId !== runId, 30_000);
}
