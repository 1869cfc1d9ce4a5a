import { policySchema } from '../../src/core/policy/schema';
import { PortError } from '../../src/ports/errors';
import { said } from '../support/messages';
import { promoted } from '../support/promoted-contract';
import { updates } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

test.concurrent(
  'an approval removes the old form, once, and only then',
  rigs.on(async (rig) => {
    const { contract, sentence, reach, approve } = await promoted(rig, { approvals: 2 });
    const waiting = await reach('WaitingForApproval');
    expect(await sentence()).toMatch(
      /needs 2 approvals \(has 0\); nothing in the schema depends .*kept and test-restored: public\.orders\.name in copy .*after it the old form is renamed, and dropped .* later: from then on there is no way back/,
    );
    expect(waiting.parts).toEqual([{ effect: 'migrate/002/contract', status: 'waiting' }]);
    await approve('ada');
    await expect(approve('ada')).rejects.toMatchObject({ cause: { message: 'ada has approved already' } });
    expect(Object.keys(await rig.world.database.snapshot())).not.toContain('migration 002/contract');
    await approve('bob');
    expect((await contract.result()).phase).toBe('Contracted');
    expect(Object.keys(await rig.world.database.snapshot())).toContain('migration 002/contract');
  }),
);

test.concurrent(
  'a contract tells that it waits and that it is over, and leaves its evidence',
  rigs.on(async (rig) => {
    const { id, contract, approve } = await promoted(rig, {}, { notify: [{ to: 'chat' }] });
    await approve('ada');
    expect((await contract.result()).phase).toBe('Contracted');
    const evidence = await rig.world.store.evidence(`${id.split('/').at(-1)}/contract`);
    expect(evidence.map(({ type, actor }) => [type, actor])).toEqual([
      ['checkpoint', 'spillway'],
      ['ended', 'ada'],
    ]);
    const told = (await rig.world.store.takeOutbox(50, 0)).map(({ notification }) => notification);
    const ofContract = told.filter(({ release }) => release === id);
    expect(ofContract.map(({ kind }) => kind)).toEqual(['gate', 'ended']);
    expect(ofContract[0]?.text).toMatch(/Contract waits for approval/);
  }),
);

test.concurrent(
  'a rejected contract leaves both forms',
  rigs.on(async (rig) => {
    const { contract } = await promoted(rig);
    await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
    const { phase, declined } = await contract.result();
    expect([phase, declined?.by]).toEqual(['Declined', 'dee']);
    expect(Object.keys(await rig.world.database.snapshot())).not.toContain('migration 002/contract');
  }),
);

test.concurrent(
  'a contract that nobody approves is declined in time',
  rigs.on(async (rig) => {
    const { contract, sentence } = await promoted(rig, { timeout: '300ms' });
    const { phase, declined } = await contract.result();
    expect([phase, declined]).toEqual(['Declined', undefined]);
    expect(await sentence()).toMatch(/nobody approved it in time/);
  }),
);

test.concurrent.each(['retry', 'reject'] as const)(
  'a part that is refused waits for a person: %s ends it, and nothing is waived',
  async (way) => {
    await rigs.on(async (rig) => {
      const { contract, sentence, reach, approve } = await promoted(rig);
      rig.control.fail('contracts.retire', new PortError('Rejected', 'SQLSTATE 2BP01'));
      await approve('ada');
      const stuck = await reach('ContractIncomplete');
      expect(stuck.parts).toMatchObject([{ status: 'stuck', detail: 'SQLSTATE 2BP01' }]);
      expect(await sentence()).toMatch(/^Contract incomplete, act now: .*SQLSTATE 2BP01/);
      await expect(
        contract.executeUpdate(updates.retry, { args: [said('ada', { effect: 'migrate/nothing' })] }),
      ).rejects.toMatchObject({ cause: { message: 'nothing is stuck' } });
      await expect(contract.executeUpdate(updates.waive, { args: [said('ada')] })).rejects.toMatchObject({
        cause: { message: expect.stringMatching(/nothing is waived.*or reject/) as string },
      });
      if (way === 'retry') {
        rig.control.fail('contracts.retire', undefined);
        await contract.executeUpdate(updates.retry, { args: [said('ada')] });
      } else await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
      const { phase, parts } = await contract.result();
      expect([phase, parts[0]?.status]).toEqual(way === 'retry' ? ['Contracted', 'done'] : ['Declined', 'waiting']);
    })();
  },
);

const view = { kind: 'view', name: 'public.names' };

test.concurrent(
  'a contract waits while something needs the old form, says who, and goes on when it is gone',
  rigs.on(async (rig) => {
    rig.world.contracts.setReport({ dependents: [view] });
    const { sentence, reach, approve, contract } = await promoted(rig);
    const waiting = await reach('WaitingForQuiet');
    expect(waiting.approvals).toEqual([]);
    await until('it says who', async () => /needed by view public\.names/.test(await sentence()), 30_000);
    await expect(
      contract.executeUpdate(updates.approve, { args: [said('ada', { gate: 'contract' })] }),
    ).rejects.toMatchObject({ cause: { message: expect.stringMatching(/gate is not open yet/) as string } });
    rig.world.contracts.setReport({});
    await contract.executeUpdate(updates.retry, { args: [said('ada')] });
    await approve('ada');
    expect((await contract.result()).phase).toBe('Contracted');
    const order = rig.control.order(/^contracts\.(keep|retire|drop)$/);
    expect(order).toEqual(['contracts.keep', 'contracts.retire', 'contracts.keep', 'contracts.drop']);
  }),
);

test.concurrent(
  'until the drop a rejection gives the old form its name back',
  rigs.on(async (rig) => {
    const { sentence, reach, approve, contract } = await promoted(
      rig,
      {},
      { contract: { quiet: '0s', renamed: '1h' } },
    );
    await approve('ada');
    await reach('Renamed');
    expect(await sentence()).toMatch(/dropped for good at .*spillway reject shop contract/);
    await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
    const { phase, declined } = await contract.result();
    expect([phase, declined?.by]).toEqual(['Declined', 'dee']);
    expect(rig.control.order(/^contracts\.(putBack|drop)$/)).toEqual(['contracts.putBack']);
  }),
);

test.concurrent(
  'a way back that would leave rows without their old form waits for a choice, which only a data steward may make',
  rigs.on(
    async (rig) => {
      const { sentence, reach, approve, contract, id } = await promoted(
        rig,
        {},
        { contract: { quiet: '0s', renamed: '1h', checkEvery: '1h' }, notify: [{ to: 'chat' }] },
      );
      await approve('ada');
      await reach('Renamed');
      rig.world.contracts.setUnfilled([{ of: 'public.orders.name', rows: 2, keys: ['7', '8'] }]);
      await contract.executeUpdate(updates.reject, { args: [said('ada', { gate: 'contract' })] });
      await reach('WaitingForDataChoice');
      expect(await sentence()).toMatch(
        /^Contract: data, choose now: undo-would-lose-data: .*2 rows \(keys 7, 8\) in public\.orders\.name .*; ada, bob may choose: spillway data-choice shop lose or retry/,
      );
      expect(rig.control.order(/^contracts\.drop$/)).toEqual([]);
      const choose = (by: string, choice: 'keep' | 'lose' | 'retry') =>
        contract.executeUpdate(updates.chooseData, { args: [said(by, { choice })] });
      await expect(choose('cem', 'lose')).rejects.toMatchObject({
        cause: { message: 'cem is no data steward; ada, bob may choose lose' },
      });
      await expect(choose('ada', 'keep')).rejects.toMatchObject({
        cause: { message: expect.stringMatching(/keep is no choice here/) as string },
      });
      const attempts = (): number => rig.control.order(/^contracts\.putBack$/).length;
      const before = attempts();
      await choose('cem', 'retry');
      await until('it is asked again', () => Promise.resolve(attempts() > before), 30_000);
      await reach('WaitingForDataChoice');
      rig.world.contracts.setUnfilled([{ of: 'public.orders.name', rows: 3, keys: ['7', '8', '9'] }]);
      await choose('ada', 'lose');
      await until('the third row is asked about', async () => /3 rows/.test(await sentence()), 30_000);
      expect(await sentence()).toMatch(/ada chose to lose 2, that was before the others were written/);
      await choose('bob', 'lose');
      expect((await contract.result()).phase).toBe('Declined');
      const evidence = await rig.world.store.evidence(`${id.split('/').at(-1)}/contract`);
      expect(evidence.map(({ detail }) => (detail as { phase?: string }).phase)).toContain('WaitingForDataChoice');
      expect(JSON.stringify(evidence.at(-1)?.detail)).toContain('"lose":{"by":"bob"');
      const told = (await rig.world.store.takeOutbox(50, 0)).map(({ notification }) => notification);
      const asked = told.filter(({ release, kind }) => release === id && kind === 'incomplete');
      expect(asked.map(({ text }) => /\d rows/.exec(text)?.[0])).toEqual(['2 rows', '3 rows']);
    },
    policySchema.parse({
      apiVersion: 'spillway/v1',
      kind: 'policy',
      name: 'stewards',
      roles: { lead: ['ada', 'bob'], 'data-steward': ['ada', 'bob'] },
    }),
  ),
);

test.concurrent(
  'readers that are found after the approval void it',
  rigs.on(async (rig) => {
    const { reach, approve, contract } = await promoted(rig, { approvals: 2 });
    await approve('ada');
    rig.world.contracts.setReport({ dependents: [view] });
    await approve('bob');
    const back = await reach('WaitingForQuiet');
    expect([back.approvals, rig.control.order(/^contracts\.retire$/)]).toEqual([[], []]);
    rig.world.contracts.setReport({});
    await approve('ada');
    await approve('bob');
    expect((await contract.result()).phase).toBe('Contracted');
  }),
);
