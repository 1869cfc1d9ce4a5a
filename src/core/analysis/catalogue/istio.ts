import type { Labels } from './matchers';
import type { Convention, Select } from './convention';

// Each request is reported by the proxy before it and the one beside the service: only one of the two is counted.
const reporter: Labels = { reporter: 'destination' };
const requests = (select: Select): string => select('istio_requests_total', reporter);
const withCode = (select: Select, code: string): string =>
  select('istio_requests_total', { ...reporter, response_code: code });

/** Istio's standard metrics, as the proxy beside the service reports them. */
export const istio: Convention = {
  name: 'istio',
  labels: { destination_service_name: '$service', destination_version: '$slot' },
  presets: {
    'http-errors': (select) => ({ kind: 'ratio', bad: withCode(select, '5*'), total: requests(select) }),
    'http-latency': (select) => ({
      kind: 'histogram',
      series: select('istio_request_duration_milliseconds_bucket', reporter),
      unit: 'ms',
    }),
    'authentication-failures': (select) => ({ kind: 'ratio', bad: withCode(select, '401'), total: requests(select) }),
    'authorization-failures': (select) => ({ kind: 'ratio', bad: withCode(select, '403'), total: requests(select) }),
  },
};
