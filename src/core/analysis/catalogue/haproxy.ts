import { restartWindow, type Convention } from './convention';

/**
 * HAProxy: errors by the counters of the proxy itself, over its runtime API; the rest from its own Prometheus exporter
 * (`http-request use-service prometheus-exporter`), which has no histogram.
 */
export const haproxy: Convention = {
  name: 'haproxy',
  // The names of backend and servers come from the traffic target.
  labels: {},
  presets: {
    'http-errors': () => ({ kind: 'proxy-errors' }),
    // The mean of the last 1,024 answers.
    'http-latency': (select) => ({
      kind: 'value',
      query: `max(${select('haproxy_server_total_time_average_seconds')})`,
      bound: 'above-in-seconds',
    }),
    // NaN, so missing, where the server has no `maxconn`.
    saturation: (select) => ({
      kind: 'value',
      query: `max(${select('haproxy_server_current_sessions')} / ${select('haproxy_server_limit_sessions')})`,
    }),
    restarts: (select) => ({
      kind: 'value',
      query: `max(increase(${select('haproxy_server_check_up_down_total')}[${restartWindow}]))`,
    }),
  },
};
