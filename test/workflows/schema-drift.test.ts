import { policySchema } from '../../src/core/policy/schema';
import { reconcileWorkflowId } from '../../src/core/release/messages';
import type { ReconcileResult } from '../../src/workflows/reconcile';
import { PortError } from '../../src/ports/errors';
import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals, type Fields, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, files, migrations, switchFiles, switching } from '../support/shop-release';
import { toldOf } from '../support/told';
import { until } from '../support/until';

const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=60']);
afterAll(rigs.close);

const policy = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'strict',
  drift: { schema: 'roll-back' },
});

const key = 'schema/orders';
const chat = { notify: [{ to: 'chat' }] };
const quick = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };

async function exposed(rig: Rig, fields: Fields = { ...migrations, ...endless }, named = files): Promise<Started> {
  const started = await rig.start({ ...fields, ...chat }, named);
  await started.reach(isExposed, 'exposed');
  return started;
}

/** Until the watch knows what must stay. */
const watched = (started: Started, part: string) =>
  started.reach(({ schemas }) => schemas?.after.includes(part) === true, `the schema behind ${part} is watched`);

async function abort({ handle }: Started) {
  await handle.signal(signals.abort, said('dee'));
  return failureOf(handle.result());
}

const told = (rig: Rig): Promise<readonly string[]> => toldOf(rig, /schema of orders|schema\/orders/);
const looksAt = (rig: Rig): number => rig.control.order(/^database\.schemaVersion$/).length;
const lookedAgain = async (rig: Rig): Promise<void> => {
  const looks = looksAt(rig);
  // Between two looks it rests, all the longer the slower the machine is.
  await until('it is looked at again', () => looksAt(rig) > looks + 2, 60_000);
};

test.concurrent(
  'what somebody else changes in the schema during a release is told once, kept, left as it is, and over when it is back',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await watched(started, 'migrate/003/expand');
    rig.world.database.setObject('index public.by_hand', 'create index');
    await started.reach(({ drifts }) => drifts?.[key]?.count === 1, 'it is found');
    expect(await started.sentence()).toMatch(
      /Somebody else changed the schema of orders: index public\.by_hand is new; it is left to its owners/,
    );
    await until('people are told', async () => (await told(rig)).length === 1);
    await continueOnce(rig.client, started.handle.workflowId);
    await lookedAgain(rig);
    expect((await started.state()).drifts?.[key]?.count).toBe(1);
    expect(Object.keys(await rig.world.database.snapshot())).toContain('index public.by_hand');
    rig.world.database.setObject('index public.by_hand', undefined);
    await started.reach(({ drifts }) => drifts?.[key]?.endedAtMs !== undefined, 'it is over');
    expect(await told(rig)).toHaveLength(1);
    expect((await abort(started)).report.proof?.isRestored).toBe(true);
  }),
);

test.concurrent(
  'a schema that cannot be read is no drift, and is watched on',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await watched(started, 'migrate/003/expand');
    rig.control.fail('database.schemaVersion', new PortError('TargetUnavailable', 'the database is away'));
    rig.world.database.setObject('index public.by_hand', 'create index');
    await lookedAgain(rig);
    expect((await started.state()).drifts).toBeUndefined();
    rig.control.fail('database.schemaVersion', undefined);
    await started.reach(({ drifts }) => drifts?.[key]?.count === 1, 'it is found');
    await abort(started);
  }),
);

test.concurrent(
  'the switch of the release itself is no drift, and what others change afterwards is',
  rigs.on(async (rig) => {
    const fields = { ...switching, stages: [{ canaryPercent: 25, bakeTime: '2s', minRequests: 5 }] };
    const started = await exposed(
      rig,
      { ...fields, fullExposure: { rollbackWindow: '1h', minRequests: 5 } },
      switchFiles,
    );
    await watched(started, 'migrate/002/backfill');
    await watched(started, 'migrate/002/switch');
    await lookedAgain(rig);
    expect((await started.state()).drifts).toBeUndefined();
    rig.world.database.setObject('table public.other', 'by hand');
    await started.reach(({ drifts }) => drifts?.[key]?.count === 1, 'it is found');
    // Its trigger calls a function, so a rollback holds the release to account for all that is there.
    rig.world.database.setObject('table public.other', undefined);
    await abort(started);
  }),
);

test.concurrent(
  'where policy says so the release turns back',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await watched(started, 'migrate/003/expand');
    rig.world.database.setObject('table public.other', 'by hand');
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code]).toEqual(['RolledBack', 'SchemaChanged']);
    expect(report.failure?.reason).toMatch(/table public\.other is new; so the release turns back, as policy says/);
    expect(report.proof?.isRestored).toBe(true);
  }, policy),
);

test.concurrent.each([
  ['after a promotion', { ...migrations, ...quick }, false],
  ['after a rollback', { ...migrations, ...endless }, true],
])('%s what changes in the schema is told and left, and ends when it is back', (_when, fields, isAborted) =>
  rigs.on(async (rig) => {
    const started = await rig.start({ ...fields, ...chat }, files);
    if (isAborted) {
      await started.reach(isExposed, 'exposed');
      await abort(started);
    } else expect((await started.handle.result()).ending).toBe('Promoted');
    const firstRunId = (await started.state()).sealed?.seal.firstRunId ?? '';
    const id = reconcileWorkflowId(rig.environment, 'shop', firstRunId);
    const guard = rig.client.workflow.getHandle<() => Promise<ReconcileResult>>(id);
    await lookedAgain(rig);
    rig.world.database.setObject('index public.by_hand', 'create index');
    await until('people are told', async () => (await told(rig)).length === 1);
    expect((await told(rig))[0]).toMatch(
      /schema\/orders of shop changed after .* found index public\.by_hand is new, it is left to its owners/,
    );
    rig.world.database.setObject('index public.by_hand', undefined);
    const evidence = () => rig.world.store.evidence(`${firstRunId}/reconcile`);
    await until('that is kept', async () => (await evidence()).length === 2);
    await guard.cancel();
    expect(await guard.result()).toEqual({ ended: 'cancelled', differences: 1 });
  })(),
);
