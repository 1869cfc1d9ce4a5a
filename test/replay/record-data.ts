import { policySchema } from '../../src/core/policy/schema';
import { PortError } from '../../src/ports/errors';
import { abortUnderHangingFlag } from '../support/hanging-flag';
import { said } from '../support/messages';
import { promoted } from '../support/promoted-contract';
import { isExposed } from '../support/recoveries';
import { signals, updates, type Fields } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, switchFiles, switching } from '../support/shop-release';
import { over, recorderOn, writeHistory } from './recorder';

const rigs = createRigs();
afterAll(rigs.close);
const record = recorderOn(rigs);

record('switched', async (rig) => {
  const stages = [{ canaryPercent: 25, bakeTime: '300ms', minRequests: 10 }];
  const fullExposure = { rollbackWindow: '200ms', minRequests: 5 };
  return rig.start({ ...switching, stages, fullExposure }, switchFiles);
});

record('closed-again', async (rig) => {
  const { started, shift, flag } = await abortUnderHangingFlag(rig);
  shift.release();
  await started.reach(
    ({ compensations }) => compensations['deploy/shop']?.status === 'verified',
    'the canary is stopped',
  );
  flag.release();
  return started;
});

const riskyFiles = {
  'a.sql': 'alter table orders add first text',
  'a.undo.sql': 'alter table orders drop first',
  'a.losses.sql': 'select id from orders where length(first) > 10',
};
const risky: Fields = {
  ...endless,
  migrations: [{ id: 'm', expand: { sql: 'a.sql', undo: 'a.undo.sql', losses: 'a.losses.sql' } }],
};
const stewards = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'stewards',
  roles: { 'data-steward': ['dana'] },
});

test.each(['lose', 'keep'])('data-%s', async (choice) => {
  await rigs.on(async (rig) => {
    const started = await rig.start(risky, riskyFiles);
    await started.reach(isExposed, 'exposed');
    rig.world.database.setLosses('a.losses.sql', ['7', '8', '9']);
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
    await started.handle.executeUpdate(updates.chooseData, { args: [said('dana', { choice }) as never] });
    await over(started);
    await writeHistory(rig, `data-${choice}`, started.handle.workflowId);
  }, stewards)();
});

test(
  'contract-given-back',
  rigs.on(async (rig) => {
    const { id, contract, reach, approve } = await promoted(rig);
    rig.control.fail('contracts.drop', new PortError('Rejected', 'SQLSTATE 2BP01'));
    await approve('ada');
    await reach('ContractIncomplete');
    rig.control.fail('contracts.drop', undefined);
    await contract.executeUpdate(updates.reject, { args: [said('ada', { gate: 'contract' })] });
    await contract.result();
    await writeHistory(rig, 'contract-given-back', id);
  }),
);

test(
  'contract-reminded',
  rigs.on(async (rig) => {
    const { id, contract } = await promoted(rig, { timeout: '2s', remindEvery: '400ms' });
    await contract.result();
    await writeHistory(rig, 'contract-reminded', id);
  }),
);
