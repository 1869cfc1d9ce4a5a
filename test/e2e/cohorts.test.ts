import { slotsAt, type Shares } from '../support/ask-users';
import { everybodyBack, startCohortRig, type CohortRig } from '../support/cohort-rig';
import type { RealRelease } from '../support/real-release';

let rig: CohortRig;
beforeAll(async () => {
  rig = await startCohortRig();
});
afterAll(() => rig?.close());

/** Once it is so it has to stay so. */
async function atStep(shares: Shares): Promise<void> {
  await rig.untilUsersHave(shares);
  expect(await rig.ask()).toEqual(slotsAt(shares));
}

async function crash(): Promise<void> {
  await rig.proxy.kill();
  await rig.proxy.start();
}
const reload = () => rig.proxy.reload({ state: 'left' });

const person = { by: 'dee', why: 'a test' };
const quick = { bakeTime: '300ms', minRequests: 1 };
const long = { bakeTime: '10m', minRequests: 1 };

describe('a release to tenants first', () => {
  const acme: Shares = { percent: 0, tenants: { acme: 100 } };
  const partners: Shares = { percent: 0, tenants: { acme: 100, globex: 50 } };
  const quarter: Shares = { percent: 25, tenants: { acme: 100, globex: 50 } };
  let release: RealRelease;
  const approve = async (gate: string): Promise<void> => {
    await release.reach(`gate ${gate}`, ({ stage, gates }) => stage === `gate-${gate}` && gates[gate] !== undefined);
    await release.approve(gate);
  };
  const untouched = () => release.reach('as before', ({ splitLost, failure }) => (splitLost ?? failure) === undefined);

  beforeAll(async () => {
    release = await rig.start('1.0.1', {
      cohorts: [
        { cohort: 'early-adopters', ...quick },
        { cohort: 'partners', canaryPercent: 50, gate: 'to-partners', ...quick },
      ],
      stages: [{ canaryPercent: 25, gate: 'to-everybody', ...long }],
      gates: { 'to-partners': {}, 'to-everybody': {} },
    });
  });

  test('shows them the canary, and nobody else, through a pause, a reload and a crash of the proxy', async () => {
    await atStep(acme);
    await rig.client.pause(release.workflowId, person);
    await reload();
    expect(await rig.ask()).toEqual(slotsAt(acme));
    await crash();
    expect(await rig.ask()).toEqual(slotsAt(acme));
    await rig.client.resume(release.workflowId, person);
    await untouched();
  });

  test('shows it to a share of the users of the next ones by the hash of their identities, and to the first ones still', async () => {
    await approve('to-partners');
    await atStep(partners);
  });

  test('shows it to a share of everybody, and takes it from nobody, through a reload and a crash either', async () => {
    await approve('to-everybody');
    await atStep(quarter);
    await reload();
    expect(await rig.ask()).toEqual(slotsAt(quarter));
    await crash();
    expect(await rig.ask()).toEqual(slotsAt(quarter));
    await untouched();
  });

  test('gives everybody the baseline back, for good', async () => {
    await rig.client.abort(release.workflowId, person);
    expect(await release.report()).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
    expect(await rig.ask()).toEqual(everybodyBack);
    await reload();
    expect(await rig.ask()).toEqual(everybodyBack);
    await crash();
    expect(await rig.ask()).toEqual(everybodyBack);
  });
});

test('fails no request but those that a crash of the proxy cut off', () => {
  const { failed, byOutcome } = rig.load.snapshot();
  const cut = Object.entries(byOutcome).filter(([outcome]) => /^E[A-Z]+$/.test(outcome));
  expect(failed).toBe(cut.reduce((sum, [, count]) => sum + count, 0));
});
