import type { Slot, Slots } from '../../../src/core/plan/effects';
import { proveRestored } from '../../../src/core/release/proof';
import type { KeptSnapshot } from '../../../src/activities/permit';
import { shotOf } from '../world';
import type { Models } from './model';
import { isThrown } from './settings';

/** What only reads: the plan, the world before, the world after. */
export const looks: Models = {
  *compileRelease(doing) {
    yield 'worker';
    return { ok: true, sealed: doing.sealed };
  },
  *preflight(doing) {
    const { world, sealed } = doing;
    yield 'proxy';
    yield 'database';
    yield 'configuration';
    if (doing.fails('preflight'))
      return { ok: false, refusals: [{ code: 'not-at-rest', kind: 'denied', message: 'no', fix: 'mend it' }] };
    const shot = shotOf(world, sealed.plan, doing.nowMs());
    const serves = (slot: Slot): boolean => world.split[slot].weight > 0 && world.split[slot].state === 'ready';
    const roles: Slots = serves('blue') ? { baseline: 'blue', canary: 'green' } : { baseline: 'green', canary: 'blue' };
    const snapshot = { world: shot, roles };
    const attempt = doing.attempt.number;
    // An attempt that was overtaken does not take the place of a later one.
    if (attempt >= (world.prepared?.attempt ?? 0)) world.prepared = { snapshot, attempt };
    return { ok: true, snapshot, rolesMac: 'mac', keptMac: 'mac' };
  },
  *prove(doing, input) {
    const { kept, touched } = input as unknown as {
      readonly kept: KeptSnapshot;
      readonly touched: readonly string[];
    };
    yield 'proxy';
    yield 'database';
    const now = shotOf(doing.world, doing.sealed.plan, doing.nowMs());
    const effects = doing.sealed.plan.effects.filter(({ key }) => touched.includes(key));
    yield 'worker';
    const before = kept.snapshot.world;
    const leftSwitches = effects.flatMap((effect) =>
      effect.kind === 'flag' && isThrown(effect, before, now.flags[effect.target]?.[effect.flag]?.[0])
        ? [effect.key]
        : [],
    );
    return proveRestored(kept.snapshot, now, effects, { release: doing.sealed.seal.firstRunId, leftSwitches });
  },
};
