import { contractWorkflowId } from '../../src/core/release/messages';
import type { ContractState } from '../../src/core/release/contract-state';
import { said } from './messages';
import { readsOf } from './read-state';
import { tell } from './tell';
import { updates, type Fields, type Rig } from './release-rig';
import { files, migrations } from './shop-release';
import { until } from './until';

/** A promoted release, and its contract that waits for an approval. */
export async function promoted(rig: Rig, gate: Fields = {}, more: Fields = {}, bundle: typeof files | object = files) {
  const { handle, state } = await rig.start(
    {
      ...migrations,
      stages: [],
      fullExposure: { rollbackWindow: '200ms', minRequests: 5 },
      contractGate: gate,
      ...more,
    },
    { ...bundle },
  );
  expect((await handle.result()).ending).toBe('Promoted');
  const id = contractWorkflowId(rig.environment, 'shop', (await state()).sealed?.seal.firstRunId ?? '');
  const contract = rig.client.workflow.getHandle<() => Promise<ContractState>>(id);
  const reads = readsOf(rig.client);
  return {
    id,
    contract,
    sentence: () => reads.sentence(id),
    reach: async (phase: ContractState['phase']): Promise<ContractState> => {
      await until(phase, async () => (await reads.contractState(id)).phase === phase, 30_000);
      return reads.contractState(id);
    },
    approve: async (by: string) => {
      await until(
        'its gate is open',
        async () => (await reads.contractState(id)).phase === 'WaitingForApproval',
        30_000,
      );
      return tell(contract, updates.approve, said(by, { gate: 'contract' }));
    },
  };
}
