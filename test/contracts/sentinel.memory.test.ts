import { createMemorySentinel } from '../../src/adapters/sentinel/memory';
import { sentinelContract } from './sentinel';

sentinelContract('memory', () => {
  let nowMs = 0;
  const port = createMemorySentinel({ targets: ['edge'], nowMs: () => nowMs });
  return Promise.resolve({
    port,
    pass: (ms) => void (nowMs += ms),
    goAway: () => Promise.resolve(port.goAway(true)),
    close: () => Promise.resolve(),
  });
});
