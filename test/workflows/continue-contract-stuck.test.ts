import { policySchema } from '../../src/core/policy/schema';
import { PortError } from '../../src/ports/errors';
import { said } from '../support/messages';
import { updates } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { tell } from '../support/tell';
import { until } from '../support/until';
import { slow, waitingIn, type PromotedContract } from '../support/waiting-contract';

// A new run is suggested after so few events that every contract here goes through several.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

const stewards = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'stewards',
  roles: { 'data-steward': ['ada', 'bob'] },
});

test.concurrent(
  'a contract that waits for a choice about data knows in new runs which rows it was made about',
  rigs.on(async (rig) => {
    const rows = (count: number): void =>
      rig.world.contracts.setUnfilled([
        { of: 'public.orders.name', rows: count, keys: ['7', '8', '9'].slice(0, count) },
      ]);
    const choose = ({ contract }: Pick<PromotedContract, 'contract'>, by: string, id: string) =>
      tell(contract, updates.chooseData, { ...said(by, { choice: 'lose' as const }), id });
    const act = async (found: PromotedContract): Promise<void> => {
      await found.approve('ada');
      await found.reach('Renamed');
      rows(2);
      await tell(found.contract, updates.reject, said('ada', { gate: 'contract' }));
      await found.reach('WaitingForDataChoice');
      rows(3);
      await choose(found, 'ada', 'one');
      await until('the third row is asked about', async () => /3 rows/.test(await found.sentence()));
    };
    const { after, contract, sentence, reach } = await waitingIn(rig, 'WaitingForDataChoice', { act });
    expect(after.safety).toMatchObject({ atRisk: { rows: 3 }, lose: { by: 'ada', rows: 2 } });
    expect(await sentence()).toMatch(/3 rows .*ada chose to lose 2/);
    // Said again: it was acted on when there were two.
    await choose({ contract }, 'bob', 'one');
    expect((await reach('WaitingForDataChoice')).safety?.lose).toMatchObject({ by: 'ada', rows: 2 });
    await expect(choose({ contract }, 'cem', 'two')).rejects.toMatchObject({
      cause: { message: 'cem is no data steward; ada, bob may choose lose' },
    });
    await choose({ contract }, 'bob', 'two');
    expect(await contract.result()).toMatchObject({ phase: 'Declined', safety: { lose: { by: 'bob', rows: 3 } } });
  }, stewards),
);

test.concurrent.each([
  ['behind its drop', 'database.violations', 'Contracted'],
  ['on its way back', 'contracts.putBack', 'Declined'],
] as const)('a contract that is stuck %s goes on from there in a new run', (_where, call, ending) =>
  rigs.on(async (rig) => {
    const renamed = ending === 'Declined' ? '1h' : '0s';
    const more = { invariants: [{ id: 'sums', query: '002.check.sql' }], contract: { ...slow, renamed } };
    const act = async ({ approve, reach, contract }: PromotedContract): Promise<void> => {
      const held = rig.control.hold('contracts.drop');
      await approve('ada');
      if (ending === 'Declined') await reach('Renamed');
      else await held.reached;
      rig.control.fail(call, new PortError('Rejected', 'SQLSTATE 42501'));
      if (ending === 'Declined') await tell(contract, updates.reject, said('ada', { gate: 'contract' }));
      held.release();
    };
    const { after, contract, decide } = await waitingIn(rig, 'ContractIncomplete', { act, more });
    expect(after.parts).toMatchObject([{ status: 'stuck', stuckCount: 1 }]);
    rig.control.fail(call, undefined);
    await decide.retry();
    expect((await contract.result()).phase).toBe(ending);
    expect(rig.control.order(/^contracts\.(retire|keep)$/).length).toBe(ending === 'Declined' ? 2 : 3);
  })(),
);
