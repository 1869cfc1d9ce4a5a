import { verifyChain } from '../../src/core/evidence/chain';
import { contractWorkflowId } from '../../src/core/release/messages';
import type { ContractState } from '../../src/core/release/contract-state';
import { PortError } from '../../src/ports/errors';
import { continueOnce } from '../support/continue-once';
import { said } from '../support/messages';
import { updates, type Rig } from '../support/release-rig';
import { readsOf } from '../support/read-state';
import { createRigs } from '../support/rigs';
import { tell } from '../support/tell';
import { files, migrations } from '../support/shop-release';
import { until } from '../support/until';

// A new run is suggested after so few events that every contract here goes through several.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

/** The contract of a promoted release, which needs two approvals. */
async function promoted(rig: Rig) {
  const { handle, state } = await rig.start(
    {
      ...migrations,
      stages: [],
      fullExposure: { rollbackWindow: '200ms', minRequests: 5 },
      contractGate: { approvals: 2 },
      notify: [{ to: 'chat' }],
    },
    files,
  );
  expect((await handle.result()).ending).toBe('Promoted');
  const id = contractWorkflowId(rig.environment, 'shop', (await state()).sealed?.seal.firstRunId ?? '');
  const contract = rig.client.workflow.getHandle<() => Promise<ContractState>>(id);
  const read = (): Promise<ContractState> => readsOf(rig.client).contractState(id);
  return {
    id,
    contract,
    read,
    continueOnce: () => continueOnce(rig.client, id),
    reach: async (phase: ContractState['phase']): Promise<ContractState> => {
      await until(phase, async () => (await read()).phase === phase, 30_000);
      return read();
    },
    approve: async (by: string, messageId: string) => {
      await until('its gate is open', async () => (await read()).phase === 'WaitingForApproval', 30_000);
      return tell(contract, updates.approve, { ...said(by, { gate: 'contract' }), id: messageId });
    },
  };
}

const isContract = ({ part }: { part: string }) => part === 'contract';
const contracted = (rig: Rig): number =>
  rig.control.calls.filter(
    ({ name, args: [file] }) => name === 'contracts.retire' && isContract(file as { part: string }),
  ).length;

async function evidenceOf(rig: Rig, id: string) {
  const records = await rig.world.store.evidence(`${id.split('/').at(-1)}/contract`);
  expect(verifyChain(records).ok).toBe(true);
  return records.map(({ seq, type }) => [seq, type]);
}

test.concurrent(
  'approvals, seen ids and the deadline of a contract survive in new runs',
  rigs.on(async (rig) => {
    const { id, contract, read, reach, approve, continueOnce } = await promoted(rig);
    const opened = await reach('WaitingForApproval');
    await approve('ada', 'one');
    await continueOnce();
    await continueOnce();
    const after = await read();
    expect(after.approvals.map(({ id, by }) => [id, by])).toEqual([['one', 'ada']]);
    expect([after.seenIds, after.deadlineMs]).toEqual([['one'], opened.deadlineMs]);
    expect(after.refusedMessageCount).toBeGreaterThan(0);
    await approve('bob', 'one');
    expect((await read()).approvals).toHaveLength(1);
    await expect(approve('ada', 'two')).rejects.toMatchObject({ cause: { message: 'ada has approved already' } });
    await approve('bob', 'two');
    expect((await contract.result()).phase).toBe('Contracted');
    expect(contracted(rig)).toBe(1);
    expect(await evidenceOf(rig, id)).toEqual([
      [1, 'checkpoint'],
      [2, 'ended'],
    ]);
  }),
);

test.concurrent(
  'a part that is stuck goes on being stuck in new runs, until a person has it tried again there',
  rigs.on(async (rig) => {
    const { id, contract, read, reach, approve, continueOnce } = await promoted(rig);
    rig.control.fail('contracts.retire', new PortError('Rejected', 'SQLSTATE 2BP01'));
    await approve('ada', 'one');
    await approve('bob', 'two');
    await reach('ContractIncomplete');
    await continueOnce();
    const before = await read();
    await continueOnce();
    const after = await read();
    expect([after.phase, after.parts]).toEqual(['ContractIncomplete', before.parts]);
    expect(after.parts).toMatchObject([{ status: 'stuck', stuckCount: 1 }]);
    rig.control.fail('contracts.retire', undefined);
    await tell(contract, updates.retry, said('ada'));
    const { phase, parts } = await contract.result();
    expect([phase, parts[0]?.status]).toEqual(['Contracted', 'done']);
    expect(await evidenceOf(rig, id)).toEqual([
      [1, 'checkpoint'],
      [2, 'checkpoint'],
      [3, 'ended'],
    ]);
  }),
);

test.concurrent(
  'a contract that ended goes on waiting for the store in new runs, and tells everything once',
  rigs.on(async (rig) => {
    const { id, contract, reach, approve, continueOnce } = await promoted(rig);
    await until(
      'its gate is told',
      async () => (await rig.world.store.row(`${id.split('/').at(-1)}/contract`)) !== undefined,
    );
    rig.world.store.setDown(true);
    rig.control.fail('contracts.retire', new PortError('Rejected', 'SQLSTATE 2BP01'));
    await approve('ada', 'one');
    await approve('bob', 'two');
    await reach('ContractIncomplete');
    await continueOnce();
    await tell(contract, updates.reject, said('ada', { gate: 'contract' }));
    await reach('Declined');
    await continueOnce();
    await continueOnce();
    rig.world.store.setDown(false);
    expect((await contract.result()).phase).toBe('Declined');
    expect(await evidenceOf(rig, id)).toEqual([
      [1, 'checkpoint'],
      [2, 'checkpoint'],
      [3, 'ended'],
    ]);
    const told = (await rig.world.store.takeOutbox(50, 0)).map(({ notification }) => notification);
    expect(told.filter(({ release }) => release === id).map(({ kind }) => kind)).toEqual([
      'gate',
      'incomplete',
      'ended',
    ]);
  }),
);

test.concurrent(
  'a contract that anybody starts with a state of its own is refused',
  rigs.on(async (rig) => {
    const { id, contract, read, approve } = await promoted(rig);
    const forged = { ...(await read()), phase: 'Contracting' };
    const { events } = await contract.fetchHistory();
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    const input = JSON.parse(new TextDecoder().decode(payload ?? undefined)) as object;
    const taskQueue = (await contract.describe()).taskQueue;
    await expect(
      rig.client.workflow.execute('contract', {
        workflowId: `${id}-forged`,
        taskQueue,
        args: [{ ...input, carried: { state: forged, lastSeq: 0, untold: [] } }],
      }),
    ).rejects.toMatchObject({ cause: { type: 'Refused' } });
    expect(contracted(rig)).toBe(0);
    await approve('ada', 'one');
    await approve('bob', 'two');
    expect((await contract.result()).phase).toBe('Contracted');
  }),
);
