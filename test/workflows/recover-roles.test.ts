import { failureOf } from '../support/failure-of';
import { isExposed, recover, terminate } from '../support/recoveries';
import { createRigs } from '../support/rigs';
import { endless, everything, files } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

const maint = { weight: 0, state: 'maint' } as const;
const serving = { weight: 100, state: 'ready' } as const;

test(
  'a release whose slots have other roles now is refused in plain words until they are put back',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...everything, ...endless }, files);
    await started.reach(isExposed, 'exposed');
    await terminate(rig, started);
    const release = started.handle.firstExecutionRunId;
    const { traffic, store } = rig.world;
    const changes = (): number => rig.control.order(/write|deploy|drain|undo|restore|apply/).length;
    const before = changes();
    const refusal = async () => {
      const { report } = await failureOf((await recover(rig, started, release)).result());
      return report.refusals[0];
    };
    const exposed = await traffic.readSplit();

    await traffic.writeSplit({ blue: maint, green: serving });
    const byHand = await refusal();
    expect(byHand).toMatchObject({ code: 'role-mismatch', kind: 'denied' });
    expect(byHand?.message).toMatch(/green serves and blue is out of service.* somebody moved users by hand/);
    expect(await store.role(rig.environment, 'shop')).toBeUndefined();

    await traffic.writeSplit(exposed);
    await store.recordRole(rig.environment, 'shop', { baseline: 'green', version: '1.5.0', release: 'another' });
    const byRecord = await refusal();
    expect(byRecord).toMatchObject({ code: 'role-mismatch', kind: 'denied' });
    expect(byRecord?.message).toMatch(
      /its baseline was blue, and the store has green since version 1.5.0 was promoted/,
    );
    expect(changes()).toBe(before);

    await store.recordRole(rig.environment, 'shop', { baseline: 'blue', version: '1.0.0', release: 'another' });
    const { type, report } = await failureOf((await recover(rig, started, release)).result());
    expect([type, report.proof?.isRestored]).toEqual(['RolledBack', true]);
  }),
);
