import { contractWorkflowId } from '../../src/core/release/messages';
import { PortError } from '../../src/ports/errors';
import { said } from '../support/messages';
import { updates, type Fields, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { files, migrations } from '../support/shop-release';
import { short, writeHistory } from './recorder';

const rigs = createRigs();
afterAll(rigs.close);

/** Records the contract of a promoted release. */
const recordContract = (name: string, work: (rig: Rig, contractId: string) => Promise<void>, gate: Fields = {}) =>
  test(
    name,
    rigs.on(async (rig) => {
      const started = await rig.start({ ...migrations, ...short, contractGate: gate }, files);
      await started.handle.result();
      const release = (await started.state()).sealed?.seal.firstRunId ?? '';
      const contractId = contractWorkflowId(rig.environment, 'shop', release);
      await work(rig, contractId);
      await rig.client.workflow.getHandle(contractId).result();
      await writeHistory(rig, name, contractId);
    }),
  );

const approveContract = (rig: Rig, id: string) =>
  rig.client.workflow.getHandle(id).executeUpdate(updates.approve, { args: [said('ada', { gate: 'contract' })] });

recordContract('contracted', async (rig, id) => void (await approveContract(rig, id)));
recordContract('contract-declined', () => Promise.resolve(), { timeout: '300ms' });
recordContract('contract-incomplete', async (rig, id) => {
  rig.control.fail('contracts.retire', new PortError('Rejected', 'SQLSTATE 2BP01'));
  await approveContract(rig, id);
  const handle = rig.client.workflow.getHandle(id);
  for (const update of [updates.retry, updates.waive]) {
    const accepted = async (): Promise<boolean> => {
      try {
        await handle.executeUpdate(update, { args: [said('ada')] });
        return true;
      } catch {
        // Refused until the part is stuck.
        return false;
      }
    };
    while (!(await accepted()));
  }
});
