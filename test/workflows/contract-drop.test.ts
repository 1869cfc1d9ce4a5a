import { PortError } from '../../src/ports/errors';
import { said } from '../support/messages';
import { promoted } from '../support/promoted-contract';
import { updates } from '../support/release-rig';
import { createRigs } from '../support/rigs';

const rigs = createRigs();
afterAll(rigs.close);

test(
  'a check that fails behind the drop is tried again without another copy',
  rigs.on(async (rig) => {
    const more = { invariants: [{ id: 'sums', query: '002.check.sql' }] };
    const { contract, reach, approve } = await promoted(rig, {}, more);
    const held = rig.control.hold('contracts.drop');
    await approve('ada');
    await held.reached;
    rig.control.fail('database.violations', new PortError('Rejected', 'SQLSTATE 42501'));
    held.release();
    const { parts } = await reach('ContractIncomplete');
    expect(parts).toMatchObject([{ status: 'stuck', isDropped: true }]);
    rig.control.fail('database.violations', undefined);
    await contract.executeUpdate(updates.retry, { args: [said('ada')] });
    expect((await contract.result()).phase).toBe('Contracted');
    expect(rig.control.order(/^contracts\.keep$/)).toHaveLength(2);
  }),
);
