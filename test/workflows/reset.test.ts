import { WorkflowFailedError } from '@temporalio/client';
import { PortError } from '../../src/ports/errors';
import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals, startRig, startTemporal, updates } from '../support/release-rig';
import { reset } from '../support/reset';
import { endless, gated } from '../support/shop-release';

jest.setTimeout(120_000);

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

test('another worker replays a run that was reset, and goes on with it', async () => {
  const temporal = await startTemporal();
  const rig = await startRig(temporal.connection);
  try {
    const open = await rig.start(endless);
    await open.reach(isExposed, 'exposed');
    rig.control.fail('deployer.drain', new PortError('Rejected', 'drain: disk is full'));
    const copy = await reset(rig, open, -2);
    await open.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
    await rig.worker.shutdown();
    rig.control.fail('deployer.drain', undefined);
    await rig.restartWorker();
    await copy.executeUpdate(updates.retry, { args: [said('ada')] });
    const { type, report } = await failureOf(copy.result());
    expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
  } finally {
    await rig.stop();
    await temporal.close();
  }
});

test('a reset to the end of a run that went on in another never goes forward either', async () => {
  // A new run is suggested after so few events that the release goes through several.
  const temporal = await startTemporal(['limit.historyCount.suggestContinueAsNew=40']);
  const rig = await startRig(temporal.connection);
  try {
    const promoted = await rig.start({ ...gated(), stages: [] });
    await promoted.reach(({ gates }) => 'go' in gates, 'gate open');
    await continueOnce(rig.client, promoted.handle.workflowId);
    await promoted.handle.executeUpdate(updates.approve, { args: [said('ada', { gate: 'go' })] });
    expect((await promoted.handle.result()).ending).toBe('Promoted');
    const split = await rig.world.traffic.readSplit();
    const refused = await failureOf((await reset(rig, promoted, -1)).result());
    expect([refused.type, refused.report.refusals[0]?.code]).toEqual(['Refused', 'already-promoted']);
    expect(await rig.world.traffic.readSplit()).toEqual(split);

    const open = await rig.start({ ...gated(), stages: [], version: '2.1.0' });
    await open.reach(({ gates }) => 'go' in gates, 'gate open');
    await continueOnce(rig.client, open.handle.workflowId);
    const { type, report } = await failureOf((await reset(rig, open, -1)).result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'Recovered', true]);
  } finally {
    await rig.stop();
    await temporal.close();
  }
});
