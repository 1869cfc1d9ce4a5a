import { reconcileWorkflowId } from '../../src/core/release/messages';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';

// A new run is suggested after so few events that a release still has to begin one when it ends.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=20']);
afterAll(rigs.close);

test.concurrent(
  'a release that goes on in a new run as it ends leaves its guard behind',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...endless, notify: [{ to: 'chat' }] });
    await started.reach(isExposed, 'exposed');
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
    const { firstRunId } = (await started.state()).sealed?.seal ?? { firstRunId: '' };
    const guard = rig.client.workflow.getHandle(reconcileWorkflowId(rig.environment, 'shop', firstRunId));
    expect((await guard.describe()).status.name).toBe('RUNNING');
  }),
);
