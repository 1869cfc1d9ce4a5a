import { restartWindow, type Convention } from './convention';

/** cAdvisor and kube-state-metrics: what pods need and how often their containers start again. */
export const kubernetes: Convention = {
  name: 'kubernetes',
  labels: { pod: '$service-$slot-*' },
  presets: {
    saturation: (select) => ({
      kind: 'value',
      query:
        `max(sum by (pod) (rate(${select('container_cpu_usage_seconds_total')}[2m])) ` +
        `/ sum by (pod) (${select('kube_pod_container_resource_limits', { resource: 'cpu' })}))`,
    }),
    restarts: (select) => ({
      kind: 'value',
      query: `sum(increase(${select('kube_pod_container_status_restarts_total')}[${restartWindow}]))`,
    }),
  },
};
