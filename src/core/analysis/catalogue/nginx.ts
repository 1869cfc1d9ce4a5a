import type { Convention, Select } from './convention';

const requests = (select: Select): string => select('nginx_ingress_controller_requests');
const withStatus = (select: Select, status: string): string => select('nginx_ingress_controller_requests', { status });

/** The NGINX ingress controller of Kubernetes; the small exporter of plain NGINX knows no status codes. */
export const nginx: Convention = {
  name: 'nginx',
  labels: { service: '$service-$slot' },
  presets: {
    'http-errors': (select) => ({ kind: 'ratio', bad: withStatus(select, '5*'), total: requests(select) }),
    'http-latency': (select) => ({
      kind: 'histogram',
      series: select('nginx_ingress_controller_request_duration_seconds_bucket'),
      unit: 's',
    }),
    'authentication-failures': (select) => ({
      kind: 'ratio',
      bad: withStatus(select, '401'),
      total: requests(select),
    }),
    'authorization-failures': (select) => ({ kind: 'ratio', bad: withStatus(select, '403'), total: requests(select) }),
  },
};
