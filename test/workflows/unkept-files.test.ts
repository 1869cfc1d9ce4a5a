import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Fields, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';
import type { Split } from '../../src/ports/traffic';

const rigs = createRigs();
afterAll(rigs.close);

const closed = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };
const told = /\/memory\.state: cannot be written \(EACCES\)\. A reload begins with the split of before/;

/** A quarter is on the canary, and from then on the file that the proxy begins with cannot be written. */
async function locked(rig: Rig, rollback: Fields): Promise<Started> {
  const started = await rig.start({ ...endless, rollback: { backInBand: '200ms', ...rollback } });
  await started.reach(
    ({ stage, journal }) => stage === 'expose-25' && journal.at(-1)?.state === 'done',
    'a quarter is on the canary',
  );
  rig.world.traffic.lockFile(true);
  return started;
}

test.concurrent(
  'a rollback ends proved though a file cannot be written, and its report says so',
  rigs.on(async (rig) => {
    const started = await locked(rig, { onAbort: 'emergency' });
    await started.handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(report.undone.find(({ effect }) => effect === 'expose/shop')?.detail).toMatch(told);
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
  }),
);

test.concurrent(
  'a drain says at its steps and at its end that a file cannot be written',
  rigs.on(async (rig) => {
    const drain = { every: '500ms', sessions: '500ms' };
    const started = await locked(rig, { onAbort: 'drain', drain });
    await started.handle.signal(signals.abort, said('dee'));
    const { wayBack } = await started.reach((state) => state.wayBack?.drain?.unkept !== undefined, 'it is told');
    expect(wayBack?.drain?.unkept).toMatch(told);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(report.undone.find(({ effect }) => effect === 'expose/shop')?.detail).toMatch(told);
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
  }),
);

test.concurrent(
  'a promotion says that a file still holds the split of before',
  rigs.on(async (rig) => {
    const promote = rig.control.hold('traffic.writeSplit', ({ green }: Split) => green.weight === 100);
    const started = await rig.start();
    await promote.reached;
    rig.world.traffic.lockFile(true);
    promote.release();
    const report = await started.handle.result();
    expect(report.ending).toBe('Promoted');
    expect(report.stages.find(({ id }) => id === 'promote')?.reason).toMatch(told);
  }),
);
