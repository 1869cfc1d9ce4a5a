import { createPrometheusMetrics } from '../../src/adapters/metrics/prometheus';
import { startPrometheus } from '../support/prometheus';
import { metricsContract } from './metrics';

const format = (value: number): string =>
  Number.isFinite(value) ? String(value) : String(value).replace('Infinity', 'Inf');

metricsContract('Prometheus', async () => {
  const { url, expose, kill, close, scrapeIntervalMs } = await startPrometheus();
  const shown = new Map<string, string>();
  return {
    // Five times the scrape interval, so that a busy machine makes nothing stale.
    port: createPrometheusMetrics({ url, scrapeIntervalMs: 5 * scrapeIntervalMs, timeoutMs: 5000 }),
    async record(metric, value, { series, oldMs } = {}) {
      const labels = series === undefined ? '' : `{series="${series}"}`;
      const at = oldMs === undefined ? '' : ` ${Date.now() - oldMs}`;
      shown.set(`${metric}${labels}`, `${format(value)}${at}`);
      await expose([...shown].map(([id, text]) => `${id} ${text}`));
    },
    goAway: kill,
    close,
  };
});
