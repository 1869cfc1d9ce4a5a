import { MockActivityEnvironment } from '@temporalio/testing';
import type { Ports } from '../../src/activities/ports';
import { createSettingActivities } from '../../src/activities/settings';
import { sealKept, sealPlan, sealSlots } from '../../src/core/evidence/seal';
import type { Effect } from '../../src/core/plan/effects';
import type { Snapshot } from '../../src/core/release/snapshot';
import { sealed as sample } from '../core/release/sample';
import { createMemoryWorld } from '../support/memory-world';

const seal = { environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'first' };

/** A release whose plan has a flag, and the snapshot in which it was off. */
function prepared() {
  const { ports, flags, close } = createMemoryWorld('staging');
  // Sealed for targets of any kind: the world in memory has others than the sample.
  const effects = sample.plan.effects.map((effect) => ({ ...effect, targetDigest: undefined }) as unknown as Effect);
  const plan = { ...sample.plan, effects };
  const sealed = sealPlan(ports.sealKey, plan, seal);
  const found = sealed.effects.find(({ effect }) => effect.kind === 'flag');
  if (found?.effect.kind !== 'flag') throw new Error('the plan has no flag');
  const { target, flag } = found.effect;
  const roles = { baseline: 'blue', canary: 'green' } as const;
  const snapshot = { roles, world: { flags: { [target]: { [flag]: [false] } } } } as unknown as Snapshot;
  const rolesMac = sealSlots(ports.sealKey, sealed.seal, roles);
  const kept = { snapshot, rolesMac, keptMac: sealKept(ports.sealKey, sealed.seal, { snapshot, rolesMac }) };
  const permit = { seal: sealed.seal, roles, rolesMac };
  const restore = (by: typeof kept): Promise<string> =>
    new MockActivityEnvironment({ workflowExecution: { workflowId: seal.workflowId, runId: 'first' } }).run(
      createSettingActivities(ports as Ports).restoreFlag,
      { permit, sealed: found, onlyVerify: false, kept: by },
    );
  return {
    restore,
    kept,
    close,
    read: () => flags.read(flag),
    write: (value: boolean) => flags.write(flag, value),
    target,
    flag,
  };
}

test('a flag goes back to what the signed snapshot says, and to nothing else', async () => {
  const { restore, kept, close, read, write, target, flag } = prepared();
  try {
    await write(true);
    const value: readonly [string] = ['owned'];
    const evil: Snapshot = {
      ...kept.snapshot,
      world: { ...kept.snapshot.world, flags: { [target]: { [flag]: value } } },
    };
    await expect(restore({ ...kept, snapshot: evil })).rejects.toMatchObject({
      type: 'SealBroken',
    });
    expect(await read()).toBe(true);
    await restore(kept);
    expect(await read()).toBe(false);
  } finally {
    close();
  }
});
