import type { Rig } from '../support/release-rig';
import { promoted } from '../support/promoted-contract';
import { createRigs } from '../support/rigs';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const told = { notify: [{ to: 'chat' }] };

/** What people were told of a contract, in order. */
async function kindsOf({ world }: Rig, id: string): Promise<readonly string[]> {
  const all = (await world.store.takeOutbox(100, 0)).map(({ notification }) => notification);
  return all.filter(({ release }) => release === id).map(({ kind }) => kind);
}

test.concurrent(
  'a contract that nobody decides about is told of again, and at its deadline both forms stay',
  rigs.on(async (rig) => {
    const { id, contract } = await promoted(rig, { timeout: '8s', remindEvery: '400ms' }, told);
    const { phase, declined } = await contract.result();
    expect([phase, declined]).toEqual(['Declined', undefined]);
    const kinds = await kindsOf(rig, id);
    expect(kinds.at(-1)).toBe('ended');
    // The opening and at least one reminder; how many more there was time for, the machine says.
    expect(kinds.filter((kind) => kind === 'gate').length).toBeGreaterThanOrEqual(2);
  }),
);

test.concurrent(
  'with `hold` the gate of a contract goes on waiting behind its deadline, and still opens',
  rigs.on(async (rig) => {
    const gate = { timeout: '200ms', remindEvery: '300ms', onTimeout: 'hold' };
    const { id, contract, sentence, reach, approve } = await promoted(rig, gate, told);
    const { deadlineMs } = await reach('WaitingForApproval');
    await until('the deadline is past', () => Promise.resolve(Date.now() > deadlineMs + 500), 10_000);
    expect((await reach('WaitingForApproval')).deadlineMs).toBe(deadlineMs);
    expect(await sentence()).toMatch(/stays while nobody decides/);
    const gates = async (): Promise<number> => (await kindsOf(rig, id)).filter((kind) => kind === 'gate').length;
    await until('it is told of again', async () => (await gates()) >= 2, 20_000);
    await approve('ada');
    expect((await contract.result()).phase).toBe('Contracted');
  }),
);

test.concurrent(
  'a contract is found by its phase in the list of workflows',
  rigs.on(async (rig) => {
    const { id, contract, reach, approve } = await promoted(rig);
    await reach('WaitingForApproval');
    const found = async (phase: string): Promise<readonly string[]> => {
      const ids: string[] = [];
      const query = `SpillwayPhase = '${phase}' AND SpillwayEnvironment = '${rig.environment}'`;
      for await (const { workflowId } of rig.client.workflow.list({ query })) ids.push(workflowId);
      return ids;
    };
    await until('it is listed', async () => (await found('WaitingForApproval')).includes(id), 20_000);
    await approve('ada');
    await contract.result();
    await until('it is listed as over', async () => (await found('Contracted')).includes(id), 20_000);
  }),
);
