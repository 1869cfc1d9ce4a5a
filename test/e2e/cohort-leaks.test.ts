import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy, cohortMapIn } from '../../src/stack/haproxy';
import { everybodyBack, startCohortRig, type CohortRig } from '../support/cohort-rig';
import type { RealRelease } from '../support/real-release';

let rig: CohortRig;
beforeAll(async () => {
  rig = await startCohortRig();
});
afterAll(() => rig?.close());

const early = { cohort: 'early-adopters', bakeTime: '10m', minRequests: 1 };
const report = async (release: RealRelease) => {
  const { ending, failure, proof } = await release.report();
  return { ending, code: failure?.code, reason: failure?.reason, isRestored: proof?.isRestored };
};

describe('a leak turns a release back', () => {
  const configPath = () => join(dirname(rig.proxy.socketPath), 'haproxy.cfg');
  let versions = 1;
  const start = () => rig.start(`1.1.${(versions += 1)}`, { cohorts: [early] });

  test('where somebody writes a tenant into the map faster than it is repaired', async () => {
    const release = await start();
    await rig.untilUsersHave({ percent: 0, tenants: { acme: 100 } });
    const map = cohortMapIn(rig.embedded.stack.runDirectory);
    const member = 'tenant/initech';
    let isOver = false;
    const writing = (async () => {
      while (!isOver) {
        await askHaproxy(rig.proxy.socketPath, `del map ${map} ${member};add map ${map} ${member} 10000`);
        await sleep(2);
      }
    })();
    // Told below; a test that failed meanwhile has its own reason.
    writing.catch(() => undefined);
    try {
      await release.reach('it turns back', ({ failure }) => failure !== undefined);
    } finally {
      isOver = true;
      await writing;
    }
    expect(await report(release)).toEqual({
      ending: 'RolledBack',
      code: 'GuardrailBroken',
      reason: 'cohort-leak: tenant/initech is in no cohort of this release and sees the canary',
      isRestored: true,
    });
    expect(await rig.ask()).toEqual(everybodyBack);
  });

  const member = 'http-request set-var(txn.own) int(10000) if';
  const hasTenant = '{ req.fhdr(x-tenant) -m found }';
  const isListed = '{ req.fhdr(x-tenant) -m str acme globex initech umbrella }';

  test.each([
    [
      'requests that say nothing',
      `${member} !${hasTenant} !has_identity`,
      /^cohort-leak: a request without tenant and identity is in no cohort/,
    ],
    [
      'tenants that no list names',
      `${member} ${hasTenant} !${isListed}`,
      /^cohort-leak: tenant\/u[0-9a-f]{16}, which no list names, is in no cohort/,
    ],
    [
      'users without a tenant',
      `${member} has_identity !${hasTenant}`,
      /^cohort-leak: identity u[0-9a-f]{16} without tenant is in no cohort/,
    ],
  ])('where a rule of HAProxy takes %s for members', async (_, rule, reason) => {
    const good = readFileSync(configPath(), 'utf8');
    const before = '  acl is_member ';
    expect(good).toContain(before);
    writeFileSync(configPath(), good.replace(before, `  ${rule}\n${before}`));
    try {
      await rig.proxy.reload({ state: 'left' });
      const found = await report(await start());
      expect(found).toMatchObject({ ending: 'RolledBack', code: 'GuardrailBroken', isRestored: true });
      expect(found.reason).toMatch(reason);
    } finally {
      writeFileSync(configPath(), good);
      await rig.proxy.reload({ state: 'left' });
    }
    expect(await rig.ask()).toEqual(everybodyBack);
  });
});
