import { createMemoryTraffic } from '../../../src/adapters/traffic/memory';
import { createSharedReader } from '../../../src/adapters/traffic/shared-reader';

const rig = () => {
  const traffic = createMemoryTraffic();
  let reads = 0;
  let nowMs = 0;
  const port = {
    read() {
      reads += 1;
      return traffic.read();
    },
  };
  return {
    traffic,
    reader: createSharedReader(port, 100, () => nowMs),
    reads: () => reads,
    pass: (ms: number) => (nowMs += ms),
  };
};

it('reads once an interval for all watchers', async () => {
  const { reader, reads, pass } = rig();
  const [first, second] = await Promise.all([reader.read(), reader.read()]);
  pass(99);
  expect(await reader.read()).toBe(first);
  expect(second).toBe(first);
  expect(reads()).toBe(1);
  pass(1);
  await reader.read();
  expect(reads()).toBe(2);
});

it('gives a fault to all watchers of the interval, and tries again in the next', async () => {
  const { traffic, reader, reads, pass } = rig();
  traffic.refuse('TargetUnavailable');
  const unavailable = { code: 'TargetUnavailable' };
  await expect(reader.read()).rejects.toMatchObject(unavailable);
  traffic.refuse();
  await expect(reader.read()).rejects.toMatchObject(unavailable);
  expect(reads()).toBe(1);
  pass(100);
  expect((await reader.read()).resets).toBe(0);
});
