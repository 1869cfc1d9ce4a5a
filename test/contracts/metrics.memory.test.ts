import { createMemoryMetrics } from '../../src/adapters/metrics/memory';
import { metricsContract } from './metrics';

metricsContract('memory', () => {
  let atMs = Date.now();
  const port = createMemoryMetrics({ scrapeIntervalMs: 1000 });
  const done = () => Promise.resolve();
  return Promise.resolve({
    port,
    record(metric, value, { series = '', oldMs = 0 } = {}) {
      // Two samples of one series are never of the same millisecond.
      atMs = Math.max(atMs + 1, Date.now());
      port.record(metric, value, { series, atMs: atMs - oldMs });
      return until(atMs);
    },
    goAway: () => done().then(() => port.fail('unreachable')),
    close: done,
  });
});

const until = async (atMs: number): Promise<void> => {
  while (Date.now() < atMs) await new Promise((resolve) => setImmediate(resolve));
};
