import { contractWorkflowId } from '../../src/core/release/messages';
import type { ContractState } from '../../src/core/release/contract-state';
import { PortError } from '../../src/ports/errors';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { useLogin } from '../support/login-target';
import { promoted } from '../support/promoted-contract';
import { isExposed, recover, terminate } from '../support/recoveries';
import { readsOf } from '../support/read-state';
import { signals, updates, type Fields, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const credentials = { setting: 'databaseLogin' };
/** No migration beside it. */
const alone = { credentials, migrations: [] };

/** A world whose baseline uses `shop_a`. */
const withLogin = (test: (rig: Rig) => Promise<void>) =>
  rigs.on(async (rig) => {
    useLogin(rig);
    await test(rig);
  });

const states = async ({ world }: Rig) => [
  await world.credentials.state('shop_a'),
  await world.credentials.state('shop_b'),
];
const documentOf = ({ world }: Rig, slot: 'blue' | 'green'): unknown =>
  JSON.parse(world.configuration.text(slot) ?? 'null');

test.concurrent(
  'the new login is valid before the canary is told of it, and contract revokes the old one with an approval',
  withLogin(async (rig) => {
    const { contract, approve, sentence, reach } = await promoted(rig, {}, alone, {});
    expect(await states(rig)).toEqual(['open', 'open']);
    expect(documentOf(rig, 'green')).toEqual({ limit: 1, databaseLogin: 'shop_b' });
    expect(rig.control.order(/^(credentials\.(issue|withdraw)|configuration\.apply|deployer\.deploy)$/)).toEqual([
      'credentials.issue',
      'configuration.apply',
      'deployer.deploy',
    ]);
    await reach('WaitingForApproval');
    expect(await sentence()).toMatch(
      /what goes is login shop_a of login; after it the old login is closed, and revoked .* later: from then on there is no way back/,
    );
    await approve('ada');
    const { phase, parts } = await contract.result();
    expect([phase, parts]).toEqual([
      'Contracted',
      [
        expect.objectContaining({
          effect: 'revoke/login',
          status: 'done',
          detail: 'shop_a is revoked: it has no password and no session',
        }),
      ],
    ]);
    expect(await states(rig)).toEqual(['revoked', 'open']);
  }),
);

test.concurrent(
  'a rollback takes the new login back once nothing names it any more, and proves it',
  withLogin(async (rig) => {
    const { handle, reach } = await rig.start({ credentials, stages: [{ canaryPercent: 25, bakeTime: '1h' }] });
    await reach(({ phase, stage }) => phase === 'Releasing' && stage === 'expose-25', 'it is exposed');
    rig.world.credentials.logIn('shop_b', 'second', 'a canary that hangs');
    await handle.signal(signals.abort, said('ada'));
    const { report } = await failureOf(handle.result());
    expect(report).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
    expect(report.proof?.lines).toContainEqual(
      expect.objectContaining({ object: 'login shop_b of login', observed: 'closed' }),
    );
    expect(await states(rig)).toEqual(['open', 'closed']);
    expect((await rig.world.credentials.use('shop_b')).sessions).toEqual([]);
    expect(rig.world.configuration.text('green')).toBeUndefined();
    expect(rig.control.order(/^(credentials\.withdraw|configuration\.restore)$/)).toEqual([
      'configuration.restore',
      'credentials.withdraw',
    ]);
  }),
);

test.concurrent(
  'a login that cannot be issued turns the release back before anybody is exposed',
  withLogin(async (rig) => {
    rig.control.fail('credentials.issue', new PortError('Rejected', 'shop_b may not log in: pg_hba.conf'));
    const { handle } = await rig.start({ credentials });
    const failure = await failureOf(handle.result());
    expect(failure).toMatchObject({
      type: 'RolledBack',
      report: { ending: 'RolledBack', proof: { isRestored: true } },
    });
    expect(failure.report.sentence).toMatch(/pg_hba\.conf/);
    expect(await states(rig)).toEqual(['open', 'closed']);
    expect(rig.world.configuration.text('green')).toBeUndefined();
  }),
);

/** As the contract of a release before would leave it. */
async function closeLeft({ world }: Rig): Promise<void> {
  await world.credentials.issue({ login: 'shop_b', from: 'shop_a', release: 'another' });
  await world.credentials.close('shop_a', 'another');
}

const refusedFor: readonly [string, (rig: Rig) => unknown, Fields, RegExp][] = [
  [
    'a free login that is open',
    ({ world }) => world.credentials.issue({ login: 'shop_b', from: 'shop_a', release: 'another' }),
    {},
    /login `?shop_b`? of `login` may log in already/i,
  ],
  ['a baseline whose login is closed', closeLeft, {}, /shop_a.*may not log in: it is closed/],
  [
    'a free login that a contract has closed and may open again',
    async (rig) => {
      await closeLeft(rig);
      rig.world.configuration.setText('blue', '{"databaseLogin":"shop_b"}');
    },
    {},
    /shop_a.*is closed and not revoked yet: the contract of release another may still open it again/,
  ],
  [
    'a configuration that names no login',
    ({ world }) => world.configuration.setText('blue', '{}'),
    {},
    /databaseLogin.*is not there; it has to name the login of `login` that is in use, `shop_a` or `shop_b`/,
  ],
  [
    'a configuration that names another login',
    ({ world }) => world.configuration.setText('blue', '{"databaseLogin":"root"}'),
    {},
    /is `root`; it has to name/,
  ],
  [
    'a configuration that does not answer',
    ({ world }) => world.configuration.setFailure('read', new PortError('TargetUnavailable', 'limits: no answer')),
    {},
    /Which login of `login` is in use is not known: limits: no answer/,
  ],
  [
    'a password that cannot be used',
    ({ control }) => control.fail('credentials.check', new PortError('Rejected', 'secret env:SHOP_B is not set')),
    {},
    /secret env:SHOP_B is not set/,
  ],
];

test.concurrent.each(refusedFor)('is refused before anything changes: %s', async (_what, change, more, message) => {
  await withLogin(async (rig) => {
    await change(rig);
    const before = await states(rig);
    const { handle } = await rig.start({ credentials, ...more });
    const failure = await failureOf(handle.result());
    expect(failure.type).toBe('Refused');
    expect(failure.report.sentence).toMatch(message);
    expect(await states(rig)).toEqual(before);
    expect(rig.control.order(/^(credentials\.withdraw|configuration\.apply)$/)).toEqual([]);
  })();
});

test.concurrent(
  'contract waits while somebody uses the old login, says who, and goes on when they are gone',
  withLogin(async (rig) => {
    rig.world.credentials.logIn('shop_a', 'first', 'billing from 10.0.0.7');
    const { contract, sentence, approve, reach } = await promoted(rig, {}, alone, {});
    await reach('WaitingForQuiet');
    await until('it says who', async () => /session billing from 10\.0\.0\.7/.test(await sentence()), 30_000);
    rig.world.credentials.logOut('shop_a', 'billing from 10.0.0.7');
    await contract.executeUpdate(updates.retry, { args: [said('ada')] });
    await approve('ada');
    expect((await contract.result()).phase).toBe('Contracted');
  }),
);

test.concurrent(
  'contract counts the quiet time from the last use that was seen',
  withLogin(async (rig) => {
    const { handle, state } = await rig.start({
      credentials,
      stages: [],
      fullExposure: { rollbackWindow: '200ms', minRequests: 5 },
      contract: { quiet: '1s', renamed: '0s', checkEvery: '200ms' },
    });
    expect((await handle.result()).ending).toBe('Promoted');
    const id = contractWorkflowId(rig.environment, 'shop', (await state()).sealed?.seal.firstRunId ?? '');
    const contract = rig.client.workflow.getHandle<() => Promise<ContractState>>(id);
    const reads = readsOf(rig.client);
    rig.world.credentials.logIn('shop_a', 'first', 'billing');
    rig.world.credentials.logOut('shop_a', 'billing');
    await until('the use is told', async () => /quiet for .* of 1s/.test(await reads.sentence(id)), 30_000);
    await until('the gate opens', async () => (await reads.contractState(id)).phase === 'WaitingForApproval', 30_000);
    await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
    expect((await contract.result()).phase).toBe('Declined');
    expect(await states(rig)).toEqual(['open', 'open']);
  }),
);

test.concurrent(
  'until it is revoked a rejection opens the old login again',
  withLogin(async (rig) => {
    const more = { contract: { quiet: '0s', renamed: '1h', checkEvery: '1h' } };
    const { contract, approve, reach, sentence } = await promoted(rig, {}, { ...alone, ...more }, {});
    await approve('ada');
    await reach('Renamed');
    expect(await states(rig)).toEqual(['closed', 'open']);
    expect(await sentence()).toMatch(/the old login is closed; whoever still uses it is shut out/);
    await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
    expect((await contract.result()).phase).toBe('Declined');
    expect(await states(rig)).toEqual(['open', 'open']);
    rig.world.credentials.logIn('shop_a', 'first', 'billing');
  }),
);

test.concurrent(
  'a release that does not rotate goes on with the login that the baseline uses',
  withLogin(async (rig) => {
    const { contract, approve } = await promoted(rig, {}, alone, {});
    await approve('ada');
    expect((await contract.result()).phase).toBe('Contracted');
    const next = await rig.start({ version: '3.0.0' });
    expect((await next.handle.result()).ending).toBe('Promoted');
    expect(documentOf(rig, 'blue')).toMatchObject({ databaseLogin: 'shop_b' });
  }),
);

test.concurrent(
  'contract waits while a configuration that serves names the old login',
  withLogin(async (rig) => {
    const more = { ...alone, contract: { quiet: '1h', renamed: '0s', checkEvery: '200ms' } };
    const { reach, sentence, contract } = await promoted(rig, {}, more, {});
    await reach('WaitingForQuiet');
    rig.world.configuration.setText('green', '{"databaseLogin":"shop_a"}');
    await until('it says so', async () => /configuration limits of green, which serves/.test(await sentence()), 30_000);
    rig.world.configuration.setText('green', '{"databaseLogin":"shop_b"}');
    await contract.executeUpdate(updates.waive, { args: [said('ada')] });
    await reach('WaitingForApproval');
    await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
    await contract.result();
  }),
);

test.concurrent(
  'a login that a later release has made valid again is not revoked by the contract of an earlier one',
  withLogin(async (rig) => {
    const more = { ...alone, contract: { quiet: '0s', renamed: '1h', checkEvery: '1h' } };
    const { contract, approve, reach } = await promoted(rig, {}, more, {});
    await approve('ada');
    await reach('Renamed');
    // By hand, past the refusal: as if the first contract had been given up.
    await rig.world.credentials.withdraw({ login: 'shop_a', from: 'shop_b', release: 'nobody' }, 'closed');
    rig.world.credentials.takeOver('shop_a', 'later');
    await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
    const { phase, parts } = await contract.result();
    expect([phase, parts[0]?.detail]).toEqual([
      'Declined',
      'shop_a is no longer what this release left: it stays as it is',
    ]);
    expect(await states(rig)).toEqual(['open', 'open']);
  }),
);

test.concurrent(
  'a recovery takes the new login back, too',
  withLogin(async (rig) => {
    const started = await rig.start({ ...endless, credentials });
    await started.reach(isExposed, 'exposed');
    await terminate(rig, started);
    const { report } = await failureOf((await recover(rig, started)).result());
    expect(report).toMatchObject({ ending: 'RolledBack', proof: { isRestored: true } });
    expect(await states(rig)).toEqual(['open', 'closed']);
  }),
);

test.concurrent(
  'a login that somebody opens before it is issued is left to them, and the release turns back',
  withLogin(async (rig) => {
    const held = rig.control.hold('credentials.issue');
    const { handle } = await rig.start({ credentials });
    await held.reached;
    rig.world.credentials.takeOver('shop_b', 'somebody');
    rig.world.credentials.logIn('shop_b', 'second', 'the other service');
    held.release();
    await until('the release is stuck', async () => (await states(rig))[1] === 'open', 30_000);
    rig.world.credentials.logOut('shop_b', 'the other service');
    await rig.world.credentials.withdraw({ login: 'shop_b', from: 'shop_a', release: 'somebody' }, 'closed');
    const { report } = await failureOf(handle.result());
    expect(report).toMatchObject({ ending: 'RolledBack', proof: { isRestored: true } });
    expect(report.failure?.reason).toMatch(/may log in already, and not by this release/);
  }),
);

test.concurrent(
  'a contract of a migration and a login takes both',
  withLogin(async (rig) => {
    const { contract, approve } = await promoted(rig, {}, { credentials });
    await approve('ada');
    const { phase, parts } = await contract.result();
    expect([phase, parts.map(({ effect, status }) => [effect, status]), await states(rig)]).toEqual([
      'Contracted',
      [
        ['migrate/002/contract', 'done'],
        ['revoke/login', 'done'],
      ],
      ['revoked', 'open'],
    ]);
  }),
);
