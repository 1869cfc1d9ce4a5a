import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals, startRig, startTemporal, type Rig, type Started } from '../support/release-rig';
import { endless } from '../support/shop-release';

jest.setTimeout(120_000);

/** Resets a run to the workflow task that ended as the `index`-th from the last. */
async function reset({ client }: Rig, { handle }: Started, index: number): Promise<WorkflowHandle> {
  const { workflowId, firstExecutionRunId: runId } = handle;
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const ends = (events ?? []).flatMap(({ eventId, workflowTaskCompletedEventAttributes: ended }) =>
    ended === null || ended === undefined ? [] : [eventId],
  );
  const answer = await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'a test',
    workflowTaskFinishEventId: ends.at(index) ?? null,
    requestId: runId,
  });
  return client.workflow.getHandle(workflowId, answer.runId ?? '');
}

test('a run that was reset never goes forward: an open release goes back, an ended one stays as it is', async () => {
  const temporal = await startTemporal();
  // Not closed by a replay: the SDK takes the first run's id for that of the copy.
  const rig = await startRig(temporal.connection);
  try {
    const open = await rig.start(endless);
    await open.reach(isExposed, 'exposed');
    const { type, report } = await failureOf((await reset(rig, open, -2)).result());
    expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);

    const ended = await rig.start(endless);
    await ended.reach(isExposed, 'exposed');
    await ended.handle.signal(signals.abort, said('ada'));
    expect((await failureOf(ended.handle.result())).type).toBe('Aborted');
    const changes = (): number => rig.control.order(/write|deploy|undo|restore/).length;
    const before = changes();
    await expect((await reset(rig, ended, -4)).result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect(changes()).toBe(before);
  } finally {
    await rig.stop();
    await temporal.close();
  }
});
