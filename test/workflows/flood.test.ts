import { abortRelease } from '../../src/client/abort';
import { sendFlood } from '../support/flood';
import { failureOf } from '../support/failure-of';
import type { Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';

const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=500', 'history.maximumSignalsPerExecution=800']);
afterAll(rigs.close);

const mostKept = 100;
const temporalOf = ({ client }: Rig) => ({
  client,
  settings: { address: 'the address', namespace: 'default', profile: 'none', connection: {} },
});

async function runsOf({ client }: Rig, workflowId: string) {
  const runs: { readonly events: number; readonly bytes: number }[] = [];
  for await (const { historyLength, historySize } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    runs.push({ events: historyLength, bytes: historySize ?? 0 });
  return runs;
}

test(
  'a flood of good, bad, huge and unreadable signals keeps history and state small, and an abort behind it is honoured',
  rigs.on(async (rig) => {
    const started = await rig.start(endless);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    const { workflowId } = started.handle;
    const flood = { signals: 1_000, hugeEvery: 100, hugeBytes: 120_000, senders: 8, isPersistent: true };
    const { taken } = await sendFlood(rig.client, workflowId, flood);
    // Those that the server refused, as a run had too many, came again.
    expect(taken).toBe(1_000);
    await abortRelease(temporalOf(rig), workflowId, { by: 'dee', why: 'enough' }, 30_000);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['Aborted', 'Aborted', true]);
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
    const state = await started.state();
    expect(state.refusedMessageCount).toBeGreaterThan(500);
    expect(state.refusedMessages).toHaveLength(mostKept);
    expect(JSON.stringify(state.refusedMessages).length).toBeLessThan(100_000);
    const runs = await runsOf(rig, workflowId);
    expect(runs.length).toBeGreaterThan(1);
    expect(Math.max(...runs.map(({ bytes }) => bytes))).toBeLessThan(10_000_000);
  }),
);

test(
  'an abort gets through although the server takes no more signals of the run',
  rigs.on(async (rig) => {
    const started = await rig.start(endless);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    const { workflowId } = started.handle;
    // Nobody reads them, so no new run begins.
    await rig.worker.shutdown();
    const { refusals } = await sendFlood(rig.client, workflowId, {
      signals: 900,
      hugeEvery: 10_000,
      hugeBytes: 0,
      senders: 16,
      isPersistent: false,
    });
    expect([...refusals.keys()].join()).toMatch(/limit/);
    const order = abortRelease(temporalOf(rig), workflowId, { by: 'dee', why: 'enough' }, 30_000);
    await rig.restartWorker();
    expect(await order).toMatchObject({ isActing: true });
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.by, report.proof?.isRestored]).toEqual(['Aborted', 'temporal', true]);
  }),
);

test.each([
  ['no JSON', 'json/plain', '{"id":'],
  ['of an unknown encoding', 'json/none', '?'],
  ['far too long', 'json/plain', JSON.stringify({ id: '1', by: 'dee', why: 'x'.repeat(300_000) })],
])('an abort that is %s is an abort', async (_what, encoding, data) => {
  await rigs.on(async (rig) => {
    const started = await rig.start(endless);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    await rig.client.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: started.handle.workflowId },
      signalName: 'abort',
      input: { payloads: [{ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) }] },
    });
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.by, report.proof?.isRestored]).toEqual(['Aborted', 'unknown', true]);
  })();
});
