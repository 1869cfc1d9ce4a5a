import type { Convention, Select } from './convention';

const requests = (select: Select): string => select('envoy_cluster_upstream_rq_completed');
const withCode = (select: Select, code: string): string =>
  select('envoy_cluster_upstream_rq', { envoy_response_code: code });

/** Envoy's statistics of an upstream cluster, one cluster a slot; its histograms count milliseconds. */
export const envoy: Convention = {
  name: 'envoy',
  labels: { envoy_cluster_name: '$service-$slot' },
  presets: {
    'http-errors': (select) => ({
      kind: 'ratio',
      bad: select('envoy_cluster_upstream_rq_xx', { envoy_response_code_class: '5' }),
      total: requests(select),
    }),
    'http-latency': (select) => ({
      kind: 'histogram',
      series: select('envoy_cluster_upstream_rq_time_bucket'),
      unit: 'ms',
    }),
    // 1 while a circuit breaker refuses what would be too much.
    saturation: (select) => ({
      kind: 'value',
      query:
        `max(${select('envoy_cluster_circuit_breakers_default_rq_open')} ` +
        `or ${select('envoy_cluster_circuit_breakers_default_rq_pending_open')} ` +
        `or ${select('envoy_cluster_circuit_breakers_default_cx_open')})`,
    }),
    'authentication-failures': (select) => ({ kind: 'ratio', bad: withCode(select, '401'), total: requests(select) }),
    'authorization-failures': (select) => ({ kind: 'ratio', bad: withCode(select, '403'), total: requests(select) }),
  },
};
