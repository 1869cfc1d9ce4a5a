import { readProxy, shareOf } from '../support/proxy-split';
import { startRealRig, type RealRig } from '../support/real-release';
import { eventually } from '../support/real-release';
import { addNote, longAt25, splitName } from '../support/shop-descriptor';

let rig: RealRig;

beforeAll(async () => {
  rig = await startRealRig({ shopEnvironment: { SHOP_FAIL_AFTER_MS: '300' } });
});
afterAll(() => rig.close());

const socket = (): string => rig.embedded.stack.haproxy[0]?.socketPath ?? '';
const columns = (): Promise<readonly { readonly [column: string]: unknown }[]> =>
  rig.sql('shop', `select column_name as name from information_schema.columns where table_name = 'orders' order by 1`);

test('promotes a good release with a real migration without one failed request, then contracts when approved', async () => {
  const release = await rig.start('2.0.0', {
    migrations: [splitName],
    gates: { full: {} },
    fullExposure: { holdbackPercent: 1, rollbackWindow: '500ms', minRequests: 20, gate: 'full' },
  });
  await release.reach('the gate is open', ({ gates }) => gates['full'] !== undefined);
  expect(shareOf(await readProxy(socket()), 'green')).toBeCloseTo(25, 0);
  await release.approve('full');
  const report = await release.report();
  expect(report.ending).toBe('Promoted');
  expect(await readProxy(socket())).toMatchObject({ blue: { isMaint: true }, green: { isMaint: false } });
  expect(await rig.sql('shop', 'select count(*)::int as n from orders where given_name is null')).toEqual([{ n: 0 }]);
  expect(await rig.embedded.slotctl('status', { slot: 'blue' })).toMatchObject({ state: 'absent' });
  expect(rig.load.snapshot()).toMatchObject({ failed: 0, non2xx: 0, resets: 0 });

  const contract = `contract/local/shop/${release.firstRunId}`;
  await eventually('its gate is open', async () => {
    const { phase } = await rig.client.contractState(contract);
    return phase === 'WaitingForApproval' ? phase : undefined;
  });
  await rig.client.approve(contract, { gate: 'contract', by: 'ada', why: 'nobody reads the old name' });
  const state = await eventually('contracted', async () => {
    const found = await rig.client.contractState(contract);
    return found.phase === 'Contracted' ? found : undefined;
  });
  expect(state.parts.map(({ status }) => status)).toEqual(['done']);
  expect(await columns()).not.toContainEqual({ name: 'customer_name' });
  expect(rig.load.snapshot().failed).toBe(0);
});

test('releases the next version into the other slot', async () => {
  const report = await (await rig.start('2.1.0')).report();
  expect(report.ending).toBe('Promoted');
  expect(await readProxy(socket())).toMatchObject({ blue: { isMaint: false }, green: { isMaint: true } });
  expect(await rig.sql('store', 'select baseline, version from spillway_store.roles')).toEqual([
    { baseline: 'blue', version: '2.1.0' },
  ]);
  expect(rig.load.snapshot().failed).toBe(0);
});

test('rolls a bad third release back to the second, which never stood still', async () => {
  const before = await rig.embedded.slotctl('status', { slot: 'blue' });
  const release = await rig.start('3.0.0', { ...longAt25, migrations: [addNote] });
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'RolledBack', failure: { code: 'GuardrailBroken' } });
  expect(report.proof).toMatchObject({ isRestored: true, drift: [] });
  expect(await columns()).not.toContainEqual({ name: 'note' });
  const after = await rig.embedded.slotctl('status', { slot: 'blue' });
  expect({ pid: after['pid'], version: after['version'], state: after['state'] }).toEqual({
    pid: before['pid'],
    version: '2.1.0',
    state: 'running',
  });
  const { bySlot } = await rig.load.stop();
  expect(bySlot['blue']?.failed).toBe(0);
});
