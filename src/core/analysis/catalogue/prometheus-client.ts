import { restartWindow, type Convention, type Select } from './convention';
import { securityEvents } from './security-events';

const requests = (select: Select): string => select('http_requests_total');
const withCode = (select: Select, code: string): string => select('http_requests_total', { code });

/**
 * Names that services instrumented with a Prometheus client library use by custom (`http_requests_total` with `code`,
 * `http_request_duration_seconds`) and the process metrics that the libraries themselves write.
 */
export const prometheusClient: Convention = {
  name: 'prometheus-client',
  labels: { service: '$service', slot: '$slot' },
  presets: {
    'http-errors': (select) => ({ kind: 'ratio', bad: withCode(select, '5*'), total: requests(select) }),
    'http-latency': (select) => ({
      kind: 'histogram',
      series: select('http_request_duration_seconds_bucket'),
      unit: 's',
    }),
    saturation: (select) => ({
      kind: 'value',
      query: `max(${select('process_open_fds')} / ${select('process_max_fds')})`,
    }),
    restarts: (select) => ({
      kind: 'value',
      query: `sum(changes(${select('process_start_time_seconds')}[${restartWindow}]))`,
    }),
    'authentication-failures': (select) => ({ kind: 'ratio', bad: withCode(select, '401'), total: requests(select) }),
    'authorization-failures': (select) => ({ kind: 'ratio', bad: withCode(select, '403'), total: requests(select) }),
    ...securityEvents(requests),
  },
};
