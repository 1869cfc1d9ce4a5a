/** Metrics that a descriptor may ask for by name, without a query. */
export const presetNames = [
  'http-errors',
  'http-latency',
  'saturation',
  'restarts',
  'authentication-failures',
  'authorization-failures',
  'permission-escalations',
  'unusual-data-access',
] as const;

export type PresetName = (typeof presetNames)[number];

/** Families of metric and label names that the ready-made metrics know. */
export const conventionNames = [
  'haproxy',
  'opentelemetry',
  'prometheus-client',
  'istio',
  'envoy',
  'nginx',
  'kubernetes',
] as const;

export type ConventionName = (typeof conventionNames)[number];
