import { MockActivityEnvironment } from '@temporalio/testing';
import type { Ports } from '../../src/activities/ports';
import { createSettingActivities } from '../../src/activities/settings';
import { sealKept, sealPlan, sealSlots } from '../../src/core/evidence/seal';
import type { Json } from '../../src/core/json';
import type { Effect } from '../../src/core/plan/effects';
import type { Snapshot } from '../../src/core/release/snapshot';
import { sealed as sample } from '../core/release/sample';
import { createMemoryWorld } from '../support/memory-world';

const seal = { environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'first' };

/** A release whose plan sets a flag to true, and the snapshot in which it was off. */
function prepared(killSwitch = false) {
  const { ports, flags, close } = createMemoryWorld('staging');
  // Sealed for targets of any kind: the world in memory has others than the sample.
  const effects = sample.plan.effects.map(
    (effect) =>
      ({ ...effect, ...(effect.kind === 'flag' ? { killSwitch } : {}), targetDigest: undefined }) as unknown as Effect,
  );
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
  const restore = (by: typeof kept, more: { readonly isWritten?: boolean } = {}): Promise<unknown> =>
    new MockActivityEnvironment({ workflowExecution: { workflowId: seal.workflowId, runId: 'first' } }).run(
      createSettingActivities(ports as Ports).restoreFlag,
      { permit, sealed: found, onlyVerify: false, kept: by, ...more },
    );
  return {
    restore,
    kept,
    close,
    read: () => flags.read(flag),
    write: (value: Json) => flags.write(flag, value),
    flags,
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

const left = { observed: '"thrown"', before: 'false' };

it.each<
  [
    string,
    { readonly found: Json; readonly isKillSwitch?: boolean; readonly isHalf?: boolean; readonly isWritten?: boolean },
    unknown,
  ]
>([
  ['a kill switch that reads as the release set it goes back', { found: true }, 'restored'],
  ['one that is as before stays', { found: false }, 'restored'],
  ['one that somebody else threw is left', { found: 'thrown' }, left],
  ['one that somebody else threw before the release set it is left', { found: 'thrown', isWritten: false }, left],
  ['one that half an undo left goes back', { found: 'thrown', isHalf: true }, 'restored'],
  ['a flag that is none goes back, whoever changed it', { found: 'thrown', isKillSwitch: false }, 'restored'],
])('%s', async (_fact, { found, isKillSwitch = true, isHalf = false, isWritten = true }, wanted) => {
  const { restore, kept, close, read, write, flags } = prepared(isKillSwitch);
  try {
    flags.isHalfWritten = () => Promise.resolve(isHalf);
    await write(found);
    const outcome = await restore(kept, { isWritten });
    expect(outcome).toEqual(wanted === 'restored' ? expect.stringMatching(/is as before$/) : wanted);
    expect(await read()).toEqual(wanted === 'restored' ? false : found);
  } finally {
    close();
  }
});

test('half of its own write, which it does not know to be done, goes back; after it is done nobody but others write forward', async () => {
  const { restore, kept, close, read, write, flags } = prepared(true);
  try {
    // Between before and set, and not between set and before.
    flags.isHalfWritten = (_, { from }) => Promise.resolve(from === false);
    await write('half');
    expect(await restore(kept, { isWritten: true })).toEqual({ observed: '"half"', before: 'false' });
    expect(await restore(kept, { isWritten: false })).toMatch(/is as before$/);
    expect(await read()).toBe(false);
  } finally {
    close();
  }
});

test('an older workflow, which knows nothing of what is left, has a kill switch put back', async () => {
  const { restore, kept, close, read, write } = prepared(true);
  try {
    await write('thrown');
    expect(await restore(kept)).toMatch(/is as before$/);
    expect(await read()).toBe(false);
  } finally {
    close();
  }
});
