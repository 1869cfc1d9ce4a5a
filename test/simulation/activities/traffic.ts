import { Fault, type Models } from './model';
import { ask, isSame, on, readAs, writeSplit, writeWeights } from './splits';

/** What the proxy is told at once. */
export const traffic: Models = {
  *checkCanary(doing, { permit }) {
    yield 'deployer';
    if (doing.fails('checks')) throw new Fault('CheckFailed', 'the canary fails its checks', false);
    yield* ask(doing);
    yield* writeSplit(doing, on(permit.roles, 100, { weight: 0, state: 'ready' }));
    return 'right';
  },
  *exposeCanary(doing, { permit, canaryPercent }) {
    const { roles } = permit;
    const wanted = on(roles, 100 - canaryPercent, { weight: canaryPercent, state: 'ready' });
    yield 'proxy';
    if (doing.world.split[roles.canary].state !== 'ready') throw new Fault('Conflict', 'the slot is in maint', false);
    if (isSame(doing.world.split, wanted)) return 'exposed';
    yield* ask(doing);
    yield* writeWeights(doing, wanted);
    yield* readAs(doing, wanted, roles.canary);
    return 'exposed';
  },
  *restoreSplit(doing, { permit, canaryPercent }) {
    const { roles } = permit;
    const wanted = on(roles, 100 - canaryPercent, { weight: canaryPercent, state: 'ready' });
    yield* ask(doing);
    yield* writeSplit(doing, on(roles, 100, { weight: 0, state: 'ready' }));
    yield* ask(doing);
    yield* writeWeights(doing, wanted);
    yield* readAs(doing, wanted, roles.canary);
    return 'restored';
  },
  *promoteCanary(doing, { permit }) {
    const { baseline, canary } = permit.roles;
    yield* ask(doing);
    yield* writeSplit(doing, on({ baseline: canary, canary: baseline }, 100, { weight: 0, state: 'maint' }));
    return 'promoted';
  },
  *closeTraffic(doing, { permit, onlyVerify }) {
    const wanted = on(permit.roles, 100, { weight: 0, state: 'maint' });
    if (!onlyVerify) yield* writeSplit(doing, wanted);
    yield 'proxy';
    if (!isSame(doing.world.split, wanted)) throw new Fault('NotConverged', 'another split', true);
    return 'closed';
  },
};
