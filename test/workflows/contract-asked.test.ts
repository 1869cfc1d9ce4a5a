import { PortError } from '../../src/ports/errors';
import { said } from '../support/messages';
import { promoted } from '../support/promoted-contract';
import { updates } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { until } from '../support/until';
import { slow } from '../support/waiting-contract';

const rigs = createRigs();
afterAll(rigs.close);

test.concurrent(
  'whoever asks for another attempt while one is under way gets it when that has failed',
  rigs.on(async (rig) => {
    const full = new PortError('Rejected', 'no space left');
    rig.control.fail('contracts.keep', full);
    const { contract, reach, sentence } = await promoted(rig, {}, { contract: slow });
    const retry = () => contract.executeUpdate(updates.retry, { args: [said('dee')] });
    await until('it is held', async () => /no space left/.test(await sentence()));
    const underWay = rig.control.hold('contracts.keep');
    await retry();
    await underWay.reached;
    await retry();
    underWay.release(full);
    expect((await reach('WaitingForApproval')).safety?.restorePoints).toHaveLength(1);
    await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
    expect((await contract.result()).phase).toBe('Declined');
  }),
);
