import { reconcileWorkflowId } from '../../src/core/release/messages';
import type { ReconcileResult } from '../../src/workflows/reconcile';
import { useLogin } from '../support/login-target';
import { said } from '../support/messages';
import { promoted } from '../support/promoted-contract';
import { updates } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { files, migrations } from '../support/shop-release';
import { toldOf } from '../support/told';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const credentials = { setting: 'databaseLogin' };

test.concurrent(
  'the schema is watched past a promotion, too, whose contract revokes a login beside its migrations',
  rigs.on(async (rig) => {
    useLogin(rig);
    const quick = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };
    const { handle, state } = await rig.start(
      { ...migrations, ...quick, credentials, notify: [{ to: 'chat' }] },
      files,
    );
    expect((await handle.result()).ending).toBe('Promoted');
    const { sealed } = await state();
    expect(sealed?.contract.map(({ effect }) => effect.kind)).toEqual(['migrate', 'revoke']);
    const id = reconcileWorkflowId(rig.environment, 'shop', sealed?.seal.firstRunId ?? '');
    const guard = rig.client.workflow.getHandle<() => Promise<ReconcileResult>>(id);
    const looks = (): number => rig.control.order(/^database\.schemaVersion$/).length;
    const before = looks();
    await until('its schema is looked at', () => looks() > before + 2);
    rig.world.database.setObject('index public.by_hand', 'create index');
    await until('people are told', async () => (await toldOf(rig, /index public\.by_hand is new/)).length > 0);
    await guard.cancel();
    expect(await guard.result()).toEqual({ ended: 'cancelled', differences: 1 });
  }),
);

test.concurrent(
  'a contract of both says at its gate what one waiver stood for, and later that the login is closed, too',
  rigs.on(async (rig) => {
    useLogin(rig);
    const rule = { quiet: '1h', renamed: '1h', checkEvery: '1h' };
    const { contract, approve, reach, sentence } = await promoted(rig, {}, { credentials, contract: rule });
    await reach('WaitingForQuiet');
    await contract.executeUpdate(updates.waive, { args: [said('dee')] });
    await reach('WaitingForApproval');
    expect(await sentence()).toMatch(
      /readers of public\.orders\.name and the quiet time of login shop_a of login were waived by dee: .*what goes is login shop_a of login; kept and test-restored: public\.orders\.name in copy/,
    );
    await approve('ada');
    await reach('Renamed');
    expect(await sentence()).toMatch(/^Contract: the old form is renamed and the old login is closed: /);
    await contract.executeUpdate(updates.reject, { args: [said('dee', { gate: 'contract' })] });
    expect((await contract.result()).phase).toBe('Declined');
    expect(await sentence()).toMatch(/both forms and both logins stay/);
    expect([await rig.world.credentials.state('shop_a'), await rig.world.credentials.state('shop_b')]).toEqual([
      'open',
      'open',
    ]);
  }),
);
