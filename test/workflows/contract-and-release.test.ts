import { contractWorkflowId } from '../../src/core/release/messages';
import type { ContractState } from '../../src/core/release/contract-state';
import { said } from '../support/messages';
import { signals, updates, type Fields, type Rig } from '../support/release-rig';
import { readsOf } from '../support/read-state';
import { createRigs } from '../support/rigs';
import { failureOf } from '../support/failure-of';
import { files, migrations } from '../support/shop-release';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const quick = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };
const waiting = { gates: { full: {} }, fullExposure: { gate: 'full', rollbackWindow: '200ms', minRequests: 5 } };

/** A promoted release whose contract waits at its gate, and another release of the same database. */
async function contractAtGate(rig: Rig, contract: Fields) {
  const { handle, state } = await rig.start({ ...migrations, ...quick, contract }, files);
  expect((await handle.result()).ending).toBe('Promoted');
  const id = contractWorkflowId(rig.environment, 'shop', (await state()).sealed?.seal.firstRunId ?? '');
  const reads = readsOf(rig.client);
  const workflow = rig.client.workflow.getHandle<() => Promise<ContractState>>(id);
  const reach = async (phase: ContractState['phase']): Promise<ContractState> => {
    await until(phase, async () => (await reads.contractState(id)).phase === phase, 30_000);
    return reads.contractState(id);
  };
  const act = async (update: 'approve' | 'reject') =>
    workflow.executeUpdate(updates[update], { args: [said('ada', { gate: 'contract' })] });
  await reach('WaitingForApproval');
  return { id, workflow, reach, act, sentence: () => reads.sentence(id) };
}

test.concurrent(
  'a contract renames nothing while another release has its snapshot of the database, says so, and goes on after its end',
  rigs.on(async (rig) => {
    const { id, workflow, reach, act, sentence } = await contractAtGate(rig, {
      quiet: '0s',
      renamed: '0s',
      checkEvery: '1h',
    });
    const second = await rig.start({ ...migrations, stages: [], version: '2.1.0', ...waiting }, files);
    await second.reach(({ gates }) => gates['full'] !== undefined, 'its gate is open');
    await act('approve');
    const held = await reach('WaitingForRelease');
    expect(held.approvals).toHaveLength(1);
    expect(await sentence()).toMatch(
      /^Contract waits for the end of a release: orders: release\/.*\/shop \(2\.1\.0\) has its snapshot there .*spillway retry shop/,
    );
    await expect(workflow.executeUpdate(updates.waive, { args: [said('ada')] })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/open cannot be waived/) as string },
    });
    await until(
      'people are told',
      async () =>
        (await rig.world.store.evidence(`${id.split('/').at(-1)}/contract`)).some(
          ({ detail }) => (detail as { phase?: string }).phase === 'WaitingForRelease',
        ),
      30_000,
    );
    await second.handle.signal(signals.abort, said('dee'));
    const { proof } = (await failureOf(second.handle.result())).report;
    expect(proof).toMatchObject({ isRestored: true, drift: [] });
    // Its proof stands, so the wait is over as soon as anybody asks.
    await workflow.executeUpdate(updates.retry, { args: [said('ada')] });
    expect((await workflow.result()).phase).toBe('Contracted');
  }),
);

test.concurrent(
  'a rejection ends the wait for a release with both forms in place',
  rigs.on(async (rig) => {
    const { workflow, reach, act } = await contractAtGate(rig, { quiet: '0s', checkEvery: '1h' });
    const second = await rig.start({ ...migrations, stages: [], version: '2.1.0', ...waiting }, files);
    await second.reach(({ gates }) => gates['full'] !== undefined, 'its gate is open');
    await act('approve');
    await reach('WaitingForRelease');
    await act('reject');
    expect((await workflow.result()).phase).toBe('Declined');
    expect(rig.control.order(/^contracts\.(putBack|drop)$/)).toEqual([]);
    await second.handle.signal(signals.abort, said('dee'));
    await failureOf(second.handle.result());
  }),
);

test.concurrent(
  'a release that migrates is refused between renaming and drop, one that only asks invariants is not, and both once the name is back',
  rigs.on(async (rig) => {
    const { workflow, reach, act } = await contractAtGate(rig, { quiet: '0s', renamed: '1h', checkEvery: '200ms' });
    await act('approve');
    await reach('Renamed');
    const refused = await rig.start({ ...migrations, ...quick, version: '2.1.0' }, files);
    const { refusals } = (await failureOf(refused.handle.result())).report;
    expect(refusals).toEqual([
      expect.objectContaining({
        code: 'contract-renamed',
        message: expect.stringMatching(/migration `002` .*has renamed public\.orders\.name and not dropped/) as string,
        fix: expect.stringContaining('`spillway status SERVICE --contract`') as string,
      }),
    ]);
    const plain = { ...quick, version: '2.2.0', invariants: [{ id: 'sums', query: 'db/sums.sql' }] };
    const looking = await rig.start(plain, { 'db/sums.sql': 'select 1 where false' });
    expect((await looking.handle.result()).ending).toBe('Promoted');
    await act('reject');
    expect((await workflow.result()).phase).toBe('Declined');
    const next = await rig.start({ ...migrations, ...quick, version: '2.3.0' }, files);
    expect((await next.handle.result()).ending).toBe('Promoted');
  }),
);
