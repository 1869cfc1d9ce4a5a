import { said } from '../support/messages';
import { useLogin } from '../support/login-target';
import { promoted } from '../support/promoted-contract';
import { isExposed } from '../support/recoveries';
import { signals, updates } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';
import { recorderOn, writeHistory } from './recorder';

const rigs = createRigs();
afterAll(rigs.close);
const record = recorderOn(rigs);

const credentials = { setting: 'databaseLogin' };

record('credentials-taken-back', async (rig) => {
  useLogin(rig);
  const started = await rig.start({ ...endless, credentials });
  await started.reach(isExposed, 'exposed');
  await started.handle.signal(signals.abort, said('dee'));
  return started;
});

test(
  'credentials-revoked',
  rigs.on(async (rig) => {
    useLogin(rig);
    rig.world.credentials.logIn('shop_a', 'first', 'billing');
    const { id, contract, approve, reach } = await promoted(rig, {}, { credentials, migrations: [] }, {});
    await reach('WaitingForQuiet');
    rig.world.credentials.logOut('shop_a', 'billing');
    await contract.executeUpdate(updates.retry, { args: [said('ada')] });
    await approve('ada');
    await contract.result();
    await writeHistory(rig, 'credentials-revoked', id);
  }),
);

record('cohorts', async (rig) => {
  const cohorts = [{ cohort: 'early-adopters', bakeTime: '300ms', minRequests: 5 }];
  const started = await rig.start({ ...endless, cohorts });
  await started.reach(({ stage }) => stage !== undefined && /^expose-\d/.test(stage), 'everybody');
  await started.handle.signal(signals.abort, said('dee'));
  return started;
});

record('baseline-scaled-down', async (rig) => {
  rig.world.deployer.setCapacity('blue', { capacityRps: 5_000 });
  const started = await rig.start(endless);
  await started.reach(isExposed, 'exposed');
  rig.world.deployer.setCapacity('blue', { capacityRps: 1 });
  await started.reach(({ watch }) => watch?.class === 'baseline-capacity', 'held');
  rig.world.deployer.setCapacity('blue', { capacityRps: 5_000 });
  await started.reach(({ watch }) => watch?.class !== 'baseline-capacity', 'it goes on');
  await started.handle.signal(signals.abort, said('dee'));
  return started;
});
