import type { NativeConnection } from '@temporalio/worker';
import { signals, startRig, startTemporal } from '../support/release-rig';
import { said } from '../support/messages';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let connection: NativeConnection;

beforeAll(async () => {
  temporal = await startTemporal();
  ({ connection } = temporal);
}, 60_000);
afterAll(() => temporal.close());

test('a watch that another worker takes up does not let its release wait for the first worker', async () => {
  const rig = await startRig(connection);
  try {
    const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] });
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    const { runId } = await rig.client.workflow.getHandle(started.handle.workflowId).describe();
    const resets = (): readonly (readonly unknown[])[] =>
      rig.control.calls.filter(({ name }) => name === 'temporal.resetStickyQueue').map(({ args }) => args);
    expect(resets()).toEqual([]);
    await rig.worker.shutdown();
    await rig.restartWorker();
    await started.reach(() => resets().length > 0, 'the watch goes on');
    expect(resets()[0]).toEqual([started.handle.workflowId, runId]);
    await started.handle.signal(signals.abort, said('dee'));
    await expect(started.handle.result()).rejects.toThrow();
  } finally {
    await rig.close();
  }
});
