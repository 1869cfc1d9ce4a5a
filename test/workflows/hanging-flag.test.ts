import { failureOf } from '../support/failure-of';
import { abortUnderHangingFlag } from '../support/hanging-flag';
import { createRigs } from '../support/rigs';

const rigs = createRigs();
afterAll(rigs.close);

test(
  'a flag that hangs on the way back holds up neither traffic nor the canary, which are closed for good meanwhile',
  rigs.on(async (rig) => {
    const { started, shift, flag } = await abortUnderHangingFlag(rig);
    // The shift that was under way ends behind the first closing.
    shift.release();
    const { compensations } = await started.reach(
      (state) => state.compensations['deploy/shop']?.status === 'verified',
      'the canary is stopped',
    );
    expect(Object.entries(compensations).filter(([key]) => key.endsWith('stop-checkout'))).toMatchObject([
      [expect.any(String), { status: 'running' }],
    ]);
    expect(compensations['expose/shop']?.status).toBe('verified');
    expect((await rig.world.traffic.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
    flag.release();
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect([...rig.world.flags.all]).toEqual([]);
  }),
);
