import { restartWindow, type Convention, type Select } from './convention';
import { securityEvents } from './security-events';

const count = 'http_server_request_duration_seconds_count';
const requests = (select: Select): string => select(count);
const withStatus = (select: Select, status: string): string => select(count, { http_response_status_code: status });

/**
 * OpenTelemetry: `http.server.request.duration` of the stable HTTP semantic conventions and the process metrics, with
 * the names they have in Prometheus. `job` is the service's name.
 */
export const opentelemetry: Convention = {
  name: 'opentelemetry',
  labels: { job: '$service', slot: '$slot' },
  presets: {
    'http-errors': (select) => ({ kind: 'ratio', bad: withStatus(select, '5*'), total: requests(select) }),
    'http-latency': (select) => ({
      kind: 'histogram',
      series: select('http_server_request_duration_seconds_bucket'),
      unit: 's',
    }),
    saturation: (select) => ({
      kind: 'value',
      query: `max(sum without (cpu_mode, process_cpu_state) (${select('process_cpu_utilization_ratio')}))`,
    }),
    restarts: (select) => ({
      kind: 'value',
      query: `sum(resets(${select('process_uptime_seconds')}[${restartWindow}]))`,
    }),
    'authentication-failures': (select) => ({
      kind: 'ratio',
      bad: withStatus(select, '401'),
      total: requests(select),
    }),
    'authorization-failures': (select) => ({ kind: 'ratio', bad: withStatus(select, '403'), total: requests(select) }),
    ...securityEvents(requests),
  },
};
