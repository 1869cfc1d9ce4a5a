import { contractWorkflowId } from '../../src/core/release/messages';
import type { ContractState } from '../../src/core/release/contract-state';
import { said } from '../support/messages';
import { updates, type Rig } from '../support/release-rig';
import { readsOf } from '../support/read-state';
import { createRigs } from '../support/rigs';
import { files, migrations } from '../support/shop-release';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const rule = { id: 'name', table: 'public.orders', key: 'id', old: 'name', new: 'first' };
const view = { kind: 'view', name: 'public.names' };
const different = { rows: 25, differing: 1, keys: ['7'] };

/** A promoted release that compares two forms, and its contract, which waits for readers. */
async function waiting(rig: Rig) {
  const [split, ...more] = migrations['migrations'] as readonly object[];
  rig.world.contracts.setReport({ dependents: [view] });
  const { handle, state } = await rig.start(
    {
      migrations: [{ ...split, reconcile: [rule] }, ...more],
      stages: [],
      fullExposure: { rollbackWindow: '200ms', minRequests: 5 },
    },
    files,
  );
  expect((await handle.result()).ending).toBe('Promoted');
  const id = contractWorkflowId(rig.environment, 'shop', (await state()).sealed?.seal.firstRunId ?? '');
  const contract = rig.client.workflow.getHandle<() => Promise<ContractState>>(id);
  const reads = readsOf(rig.client);
  const reach = (phase: ContractState['phase']) =>
    until(phase, async () => (await reads.contractState(id)).phase === phase, 30_000);
  await reach('WaitingForQuiet');
  rig.world.contracts.setReport({});
  return { contract, reach, sentence: () => reads.sentence(id) };
}

test.concurrent(
  'a contract makes no restore point while the two forms disagree, says which row, and goes on when they agree',
  rigs.on(async (rig) => {
    const { contract, reach, sentence } = await waiting(rig);
    rig.world.database.setForms('002/name', different);
    await contract.executeUpdate(updates.retry, { args: [said('ada')] });
    await until('it says which row', async () => /1 of 25 rows .* differ \(key 7\)/.test(await sentence()), 30_000);
    expect(rig.control.order(/^contracts\.keep$/)).toEqual([]);
    rig.world.database.setForms('002/name', {});
    await contract.executeUpdate(updates.retry, { args: [said('ada')] });
    await reach('WaitingForApproval');
    expect(await sentence()).toMatch(/both forms agree .*kept and test-restored/);
  }),
);

test.concurrent(
  'a difference found after the approval voids it: nothing is renamed',
  rigs.on(async (rig) => {
    const { contract, reach, sentence } = await waiting(rig);
    await contract.executeUpdate(updates.retry, { args: [said('ada')] });
    await reach('WaitingForApproval');
    rig.world.database.setForms('002/name', different);
    await contract.executeUpdate(updates.approve, { args: [said('ada', { gate: 'contract' })] });
    await until('it is held', async () => /do not agree/.test(await sentence()), 30_000);
    expect(rig.control.order(/^contracts\.retire$/)).toEqual([]);
    rig.world.database.setForms('002/name', {});
    await contract.executeUpdate(updates.retry, { args: [said('ada')] });
    await reach('WaitingForApproval');
    await contract.executeUpdate(updates.approve, { args: [said('bob', { gate: 'contract' })] });
    expect((await contract.result()).phase).toBe('Contracted');
  }),
);
