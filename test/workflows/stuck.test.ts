import { PortError } from '../../src/ports/errors';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, updates, type Rig, type Started } from '../support/release-rig';
import { until } from '../support/until';
import { createRigs } from '../support/rigs';
import { endless, everything, files } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

const all = { ...everything, ...endless, notify: [{ to: 'chat' }] };
const refuses = (what: string) => new PortError('Rejected', what);

/** An aborted release whose canary cannot be stopped. */
async function stuckAt(rig: Rig): Promise<Started> {
  rig.control.fail('deployer.drain', refuses('drain: disk is full'));
  const started = await rig.start(all, files);
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  await started.handle.signal(signals.abort, said('dee'));
  await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
  return started;
}
const statuses = async (started: Started) =>
  Object.fromEntries(Object.entries((await started.state()).compensations).map(([key, { status }]) => [key, status]));

test.concurrent(
  'what is stuck holds back only what requires it, tells people and explains itself',
  rigs.on(async (rig) => {
    const started = await stuckAt(rig);
    expect(await statuses(started)).toEqual({
      'expose/shop': 'verified',
      'deploy/shop': 'stuck',
      'configure/limits': 'pending',
      'flag/switches/two-names': 'pending',
      'flag/switches/stop-checkout': 'verified',
      'migrate/002/expand': 'pending',
      'migrate/002/backfill': 'pending',
      'migrate/003/expand': 'pending',
    });
    const sentence = await started.sentence();
    expect(sentence).toMatch(/^Rollback incomplete, act now: deploy\/shop is stuck \(drain: disk is full\)/);
    expect(sentence).toMatch(/Ada: spillway retry, continue or waive shop/);
    await until('people are told', async () => {
      const items = await rig.world.store.takeOutbox(50, 0);
      return items.some(({ notification }) => notification.kind === 'incomplete');
    });
    rig.control.fail('deployer.drain', undefined);
    await started.handle.executeUpdate(updates.retry, { args: [said('ada')] });
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
  }),
);

test.concurrent(
  'continue looks whether a person mended it, and changes nothing itself',
  rigs.on(async (rig) => {
    const started = await stuckAt(rig);
    rig.control.fail('deployer.drain', undefined);
    const [call] = rig.control.calls.filter(({ name }) => name === 'deployer.drain');
    await rig.world.deployer.undeploy(call?.args[0] as Parameters<typeof rig.world.deployer.undeploy>[0]);
    const before = rig.control.order(/drain/).length;
    await started.handle.executeUpdate(updates.continue, { args: [said('ada', { effect: 'deploy/shop' })] });
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(rig.control.order(/drain/)).toHaveLength(before);
  }),
);

test.concurrent(
  'a waiver lets the rest go on, and the proof that cannot hold is waived by name too',
  rigs.on(async (rig) => {
    const started = await stuckAt(rig);
    await expect(
      started.handle.executeUpdate(updates.waive, { args: [said('ada', { effect: 'flag/x' })] }),
    ).rejects.toMatchObject({
      cause: { message: 'flag/x is not stuck' },
    });
    await started.handle.signal(signals.waive, said('ada', { effect: 'deploy/shop' }));
    const stuck = await started.reach(({ compensations }) => compensations['proof']?.status === 'stuck', 'proof stuck');
    expect(stuck.compensations['proof']?.detail).toMatch(/version in green: expected nothing of this release runs/);
    expect(stuck.phase).toBe('RollbackIncomplete');
    await started.handle.executeUpdate(updates.waive, { args: [said('ada', { effect: 'proof' })] });
    const { type, report } = await failureOf(started.handle.result());
    expect(type).toBe('Aborted');
    expect(report.undone.filter(({ status }) => status === 'waived').map(({ effect }) => effect)).toEqual([
      'deploy/shop',
      'proof',
    ]);
    expect(report.proof?.isRestored).toBe(false);
  }),
);

test.concurrent(
  'a proof that does not hold is stuck until the world is mended, then retried',
  rigs.on(async (rig) => {
    const started = await rig.start(all, files);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    rig.world.database.setObject('table intruder', 'somebody else');
    await started.handle.signal(signals.abort, said('dee'));
    const stuck = await started.reach(({ compensations }) => compensations['proof']?.status === 'stuck', 'proof stuck');
    expect(stuck.compensations['proof']?.detail).toMatch(/table intruder: expected absent/);
    rig.world.database.setObject('table intruder', undefined);
    await started.handle.executeUpdate(updates.retry, { args: [said('ada')] });
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(report.undone.find(({ effect }) => effect === 'proof')?.status).toBe('verified');
  }),
);

test.concurrent(
  'a message about something stuck is refused while nothing is',
  rigs.on(async (rig) => {
    const started = await rig.start(endless);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    for (const update of [updates.retry, updates.continue, updates.waive])
      await expect(started.handle.executeUpdate(update, { args: [said('ada')] })).rejects.toMatchObject({
        cause: { message: 'nothing is stuck' },
      });
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);
