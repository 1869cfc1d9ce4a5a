import { join } from 'node:path';
import { createFlagdFile } from '../../src/adapters/flags/flagd';
import { failureOf } from '../support/failure-of';
import { withFlagd } from '../support/flagd';
import { said } from '../support/messages';
import { signals, startRig, startTemporal } from '../support/release-rig';
import { endless } from '../support/shop-release';
import { temporaryDirectory } from '../support/temporary-directory';
import { until } from '../support/until';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
  temporal = await startTemporal();
});
afterAll(async () => {
  await Promise.all([temporal?.close(), directory?.remove()]);
});

const partners = { cohort: 'partners', bakeTime: '1h', minRequests: 5 };

it('the tenants of one cohort get flag and canary, and neither after the rollback', async () => {
  const path = join(directory.path, 'flags.json');
  const flags = createFlagdFile({ path, tenantField: 'tenant' });
  const rig = await startRig(temporal.connection, undefined, { flags: () => flags });
  const isOnFor = (tenants: readonly string[]) =>
    withFlagd(path, (isOn) => Promise.all(tenants.map((tenant) => isOn('two-names', { targetingKey: 'ada', tenant }))));
  try {
    const { handle } = await rig.start({
      ...endless,
      cohorts: [partners],
      flags: [{ flag: 'two-names', value: { cohort: 'partners' } }],
    });
    const members = async () => Object.keys((await rig.world.traffic.readSplit()).members ?? {});
    await until('the cohort is exposed', async () => (await members()).length > 0);
    expect(await members()).toEqual(['tenant/acme', 'tenant/globex']);
    expect(await flags.read('two-names')).toEqual(
      await flags.foretell('two-names', { found: undefined, value: { tenants: ['acme', 'globex'] } }),
    );
    expect(await isOnFor(['acme', 'globex', 'initech'])).toEqual([true, true, false]);

    await handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect([await members(), await flags.read('two-names')]).toEqual([[], undefined]);
  } finally {
    await rig.close();
  }
});

it('a flag for a cohort that nobody described refuses the release before anything changes', async () => {
  const rig = await startRig(temporal.connection);
  try {
    const { handle } = await rig.start({ flags: [{ flag: 'two-names', value: { cohort: 'partner' } }] });
    const { type, report } = await failureOf(handle.result());
    expect([type, report.refusals.map(({ code }) => code)]).toEqual(['Refused', ['unknown-cohort']]);
    expect(report.refusals[0]?.message).toContain('Did you mean `partners`?');
    expect(rig.control.order(/apply|write|deploy$|undo|restore/)).toEqual([]);
  } finally {
    await rig.close();
  }
});
