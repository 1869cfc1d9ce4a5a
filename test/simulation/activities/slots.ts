import type { SealedEffect, Slot } from '../../../src/core/plan/effects';
import { change, Fault, Stopped, type Calls, type Doing, type Models } from './model';
import { ask } from './splits';

function* stopSlot(doing: Doing, slot: Slot, release: string, isAsked = false): Calls {
  const runs = (): boolean => doing.world.running[slot]?.release === release;
  yield 'deployer';
  if (!runs()) return;
  if (isAsked) yield* ask(doing, ['Releasing', 'Promoted']);
  yield 'deployer';
  if (isAsked) yield* ask(doing, ['Releasing', 'Promoted']);
  yield 'deployer';
  if (runs()) change(doing, `stop ${slot}`, () => (doing.world.running[slot] = undefined));
  yield 'deployer';
  if (runs()) throw new Fault('NotConverged', `${slot} still runs`, true);
}

/** Which version runs in which slot. */
export const slots: Models = {
  *deployCanary(doing, { permit, sealed }) {
    const { world } = doing;
    const slot = permit.roles.canary;
    const release = permit.seal.firstRunId;
    const { version } = sealed.effect as Extract<SealedEffect['effect'], { kind: 'deploy' }>;
    yield 'deployer';
    if (world.running[slot]?.release !== release) {
      yield* ask(doing);
      yield 'deployer';
      change(doing, `deploy ${slot}`, () => (world.running[slot] = { version, release }));
    }
    for (let look = 0; look < 3; look += 1) {
      yield 'deployer';
      if (doing.fails('start')) throw new Fault('Rejected', 'it does not start', false);
      if (look < 2 && doing.isCancelled()) throw new Stopped();
    }
    return 'runs';
  },
  *stopCanary(doing, { permit, onlyVerify }) {
    const slot = permit.roles.canary;
    const release = permit.seal.firstRunId;
    if (!onlyVerify) yield* stopSlot(doing, slot, release);
    yield 'deployer';
    if (doing.world.running[slot]?.release === release) throw new Fault('NotConverged', 'still runs', true);
    return 'stopped';
  },
  *retireBaseline(doing, { permit }) {
    const slot = permit.roles.baseline;
    const release = doing.world.running[slot]?.release;
    if (release !== undefined) yield* stopSlot(doing, slot, release, true);
    return 'retired';
  },
};
