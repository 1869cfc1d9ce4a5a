import type { ReleaseReport } from '../../src/core/release/report';
import { closedTo, readProxy } from '../support/proxy-split';
import { startRealRig, type RealRig, type RealRigOptions } from '../support/real-release';
import { addNote } from '../support/shop-descriptor';

const quickly = { 'shop-slots': { readyTimeout: '2s', commandTimeout: '1s' } };

/** A stack of its own each, all at the same time: most of it is waiting. */
const cases: { readonly [name: string]: { readonly version: string; readonly options?: RealRigOptions } } = {
  ending: { version: '5.0.0' },
  unready: { version: '6.0.0' },
  hanging: { version: '2.0.0', options: { env: { SHOP_SLOTCTL_FAULT: 'deploy:hang' } } },
  failing: { version: '2.0.0', options: { env: { SHOP_SLOTCTL_FAULT: 'deploy:exit' } } },
};
const rigs = new Map<string, RealRig>();
const reports = new Map<string, Promise<ReleaseReport>>();

beforeAll(async () => {
  for (const [name, { version, options }] of Object.entries(cases)) {
    const rig = await startRealRig({ requestsPerSecond: 30, changeTargets: quickly, ...options });
    rigs.set(name, rig);
    const report = rig.start(version, { migrations: [addNote] }).then((release) => release.report(110_000));
    report.catch(() => undefined);
    reports.set(name, report);
  }
}, 120_000);
afterAll(() => Promise.all([...rigs.values()].map((rig) => rig.close())));

test.each([
  ['ending', /^deploy: shop-slots: shop 5\.0\.0 failed in slot green: .*exit code/],
  ['unready', /^deploy: shop-slots: shop 6\.0\.0 did not get ready in slot green within 2 s; it is .*503/],
  ['failing', /^deploy: command deploy \(.*\) for slot green ended with exit code 1: .*fault injected/],
  ['hanging', /^deploy: command deploy \(.*\) for slot green did not return within 1 s.*\(for 6\d s\)/],
])(
  'undoes everything when deploying is %s, and says what, where and why',
  async (name, reason) => {
    const report = await reports.get(name);
    expect(report).toMatchObject({ ending: 'RolledBack', failure: { code: 'EffectFailed' } });
    expect(report?.failure?.reason).toMatch(reason);
    expect(report?.proof?.isRestored).toBe(true);
    const rig = rigs.get(name);
    if (rig === undefined) throw new Error(`no rig ${name}`);
    expect(closedTo('green')(await readProxy(rig.embedded.stack.haproxy[0]?.socketPath ?? ''))).toBe(true);
    expect(await rig.embedded.slotctl('status', { slot: 'green' })).toMatchObject({ state: 'absent' });
    const columns = `select 1 from information_schema.columns where table_name = 'orders' and column_name = 'note'`;
    expect(await rig.sql('shop', columns)).toEqual([]);
    expect(rig.load.snapshot()).toMatchObject({ failed: 0, bySlot: { blue: {} } });
  },
  120_000,
);
