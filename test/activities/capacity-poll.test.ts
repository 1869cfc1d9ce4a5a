import { createCapacityPoll } from '../../src/activities/observe/capacity-poll';
import { createMemoryDeployer } from '../../src/adapters/deployer/memory';
import { PortError } from '../../src/ports/errors';
import type { TrafficReading } from '../../src/ports/traffic';

const requestsPerSecond = 100;

/** A baseline in blue, and a watch that looks at it four times a second while 100 requests a second come. */
function createWatched() {
  const deployer = createMemoryDeployer({
    running: [{ slot: 'blue', service: 'shop', version: '1.0.0', release: 'first' }],
  });
  let nowMs = 1_000_000;
  const poll = createCapacityPoll({ deployer, slot: 'blue', service: 'shop' }, () => nowMs);
  const look = () => {
    const requests = Math.floor(((nowMs - 1_000_000) * requestsPerSecond) / 2_000);
    const slot = { requests, bad: 0 };
    return poll.look({ counters: { blue: slot, green: slot } } as unknown as TrafficReading);
  };
  return {
    deployer,
    /** What is found in each second. */
    seconds: async (count: number): Promise<readonly (string | undefined)[]> => {
      const found: (string | undefined)[] = [];
      for (let index = 0; index < count * 4; index += 1) {
        nowMs += 250;
        const gap = look();
        // The platform answers between two looks.
        await new Promise((resolve) => setImmediate(resolve));
        if (index % 4 === 3) found.push(gap);
      }
      return found;
    },
  };
}

const tooFew = 'has capacity for 110 requests/s and needs 120: it would get 100';

test('nothing is found where the platform says nothing, or enough', async () => {
  const { deployer, seconds } = createWatched();
  expect(await seconds(10)).toEqual(Array(10).fill(undefined));
  deployer.setCapacity('blue', { capacityRps: 120, capacityPercent: 100 });
  expect(await seconds(10)).toEqual(Array(10).fill(undefined));
});

test('a capacity that shrinks is found at the next answer, and forgotten after two that suffice', async () => {
  const { deployer, seconds } = createWatched();
  await seconds(5);
  deployer.setCapacity('blue', { capacityRps: 110 });
  expect((await seconds(4)).at(-1)).toBe(tooFew);
  deployer.setCapacity('blue', { capacityRps: 120 });
  const after = await seconds(10);
  expect([after[2], after.at(-1)]).toEqual([tooFew, undefined]);
  deployer.setCapacity('blue', { capacityPercent: 60 });
  expect((await seconds(4)).at(-1)).toBe('has capacity for 60 % of the load and would get 100 %');
});

test('the first answers count before the load is measured as far as they can', async () => {
  const { deployer, seconds } = createWatched();
  deployer.setCapacity('blue', { capacityRps: 110 });
  expect((await seconds(3)).at(-1)).toBe(tooFew);
});

test('a platform that cannot be asked is not believed for long', async () => {
  const { deployer, seconds } = createWatched();
  await seconds(5);
  deployer.setFailure('status', new PortError('TargetUnavailable', 'the runner is away'));
  const found = await seconds(40);
  expect(found[20]).toBeUndefined();
  expect(found.at(-1)).toBe('cannot be asked for its capacity: the runner is away');
  deployer.setFailure('status', undefined);
  expect((await seconds(5)).at(-1)).toBeUndefined();
});

test('a bug of the adapter is no answer', async () => {
  const { deployer, seconds } = createWatched();
  deployer.setFailure('status', new TypeError('a bug') as PortError);
  await expect(seconds(3)).rejects.toThrow('a bug');
});
