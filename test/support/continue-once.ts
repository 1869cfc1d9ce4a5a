import type { Client } from '@temporalio/client';
import { signals } from './release-rig';
import { said } from './messages';

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
