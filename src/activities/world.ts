import type { Json } from '../core/json';
import type { Slots } from '../core/plan/effects';
import type { Plan } from '../core/plan/plan';
import type { SlotWorld, World } from '../core/release/snapshot';
import type { Ports } from './ports';

export const errorWindowMs = 500;

async function readSlots(ports: Ports, plan: Plan): Promise<Pick<World, 'slots' | 'members'>> {
  const traffic = ports.traffic(plan.targets.traffic);
  const deployer = ports.deployer(plan.targets.deployer);
  const [split, blue, green] = await Promise.all([
    traffic.readSplit(),
    deployer.status('blue', plan.service),
    deployer.status('green', plan.service),
  ]);
  const world = (slot: 'blue' | 'green', status: typeof blue): SlotWorld => ({
    weight: split[slot].weight,
    state: split[slot].state,
    version: status.version ?? null,
    running: status.state === 'running' || status.state === 'starting' || status.state === 'draining',
    isReady: status.isReady,
    release: status.release ?? null,
    ...(status.capacityPercent === undefined ? {} : { capacityPercent: status.capacityPercent }),
    ...(status.capacityRps === undefined ? {} : { capacityRps: status.capacityRps }),
  });
  return {
    slots: { blue: world('blue', blue), green: world('green', green) },
    ...(split.members === undefined ? {} : { members: split.members }),
  };
}

/** Errors of a slot over a short look, so that a sick baseline is told apart from a healthy one. */
export async function readErrors(
  ports: Ports,
  plan: Plan,
  slot: Slots['baseline'] | undefined,
  forMs = errorWindowMs,
): Promise<World['baselineErrors']> {
  if (slot === undefined) return { requests: 0, bad: 0 };
  const traffic = ports.traffic(plan.targets.traffic);
  const before = await traffic.read();
  await ports.sleep(forMs);
  const after = await traffic.read();
  const down = after.down.includes(slot) ? { isDown: true } : {};
  if (after.resets !== before.resets) return { requests: 0, bad: 0, ...down };
  return {
    ...down,
    requests: after.counters[slot].requests - before.counters[slot].requests,
    bad: after.counters[slot].bad - before.counters[slot].bad,
  };
}

const record = async <T>(keys: readonly string[], read: (key: string) => Promise<T>): Promise<{ [key: string]: T }> =>
  Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await read(key)] as const)));

async function readFlags(ports: Ports, plan: Plan): Promise<World['flags']> {
  return record(plan.targets.flags, async (target) => {
    const names = plan.effects.flatMap((effect) =>
      effect.kind === 'flag' && effect.target === target ? [effect.flag] : [],
    );
    return record(names, async (flag): Promise<readonly [Json] | null> => {
      const value = await ports.flags(target).read(flag);
      return value === undefined ? null : [value];
    });
  });
}

/** A rotated credential with both of its logins: the one in use must be as before, too. */
async function readCredentials(ports: Ports, { rotations }: Plan): Promise<Pick<World, 'credentials'>> {
  if (rotations === undefined) return {};
  const states = await Promise.all(
    rotations.map(async ({ target, logins }) => {
      const port = ports.credentials(target);
      return [target, await record(logins, (login) => port.state(login))] as const;
    }),
  );
  return { credentials: Object.fromEntries(states) };
}

/** Reads every object that the plan touches, as it is now. */
export async function readWorld(ports: Ports, plan: Plan, baseline: Slots['baseline'] | undefined): Promise<World> {
  const [serving, schemas, configuration, flags, credentials, invariants, baselineErrors] = await Promise.all([
    readSlots(ports, plan),
    record(plan.targets.databases, (target) => ports.database(target).snapshot()),
    record(plan.targets.configuration, async (target) => {
      const port = ports.configuration(target);
      const [blue, green] = await Promise.all([port.digest('blue'), port.digest('green')]);
      return { blue, green };
    }),
    readFlags(ports, plan),
    readCredentials(ports, plan),
    Promise.all(
      plan.invariants.map(
        async ({ id, target, query }) => [id, await ports.database(target).violations(query)] as const,
      ),
    ),
    readErrors(ports, plan, baseline),
  ]);
  return {
    takenAt: new Date(ports.now()).toISOString(),
    ...serving,
    schemas,
    configuration,
    flags,
    ...credentials,
    invariants: Object.fromEntries(invariants),
    baselineErrors,
  };
}
