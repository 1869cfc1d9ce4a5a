import type { DocumentPath } from './issue';

/** A line for each key that must be there, as it could stand in a real file. */
const lines: { readonly [key: string]: string } = {
  apiVersion: 'apiVersion: spillway/v1',
  service: 'service: shop',
  version: 'version: "1.4.0"',
  environment: 'environment: production',
  hypothesis: 'hypothesis: { change: checkout gets faster, keep: no order is lost }',
  change: 'change: checkout gets faster',
  keep: 'keep: no order is lost',
  owners: 'owners: { lead: Ada }',
  lead: 'lead: Ada',
  canaryPercent: 'canaryPercent: 5',
  max: 'max: baseline + 0.5%',
  bad: `bad: 'http_errors_total{slot="$slot"}'`,
  total: `total: 'http_requests_total{slot="$slot"}'`,
  histogram: `histogram: 'http_seconds_bucket{slot="$slot"}'`,
  above: 'above: 250ms',
  source: 'source: prometheus',
  id: 'id: 002-split-name',
  sql: 'sql: db/002-split-name.expand.sql',
  batch: 'batch: db/002-split-name.backfill.sql',
  undo: 'undo: db/002-split-name.undo.sql',
  skip: 'skip: why nothing has to be undone',
  query: 'query: db/no-order-lost.sql',
  path: 'path: /health',
  flag: 'flag: new-checkout',
  set: 'set: { timeoutMs: 800 }',
  to: 'to: release-channel',
  name: 'name: production',
  store: 'store: { dsn: env:SPILLWAY_STORE_DSN }',
  dsn: 'dsn: env:SHOP_DSN',
  sealKey: 'sealKey: env:SPILLWAY_SEAL_KEY',
  targets:
    'targets: { shop-proxy: { kind: haproxy, backend: shop, sockets: [/run/haproxy.sock], stateFiles: [/run/haproxy.state] } }',
  services: 'services: { shop: { traffic: shop-proxy, deployer: shop-slots } }',
  traffic: 'traffic: shop-proxy',
  deployer: 'deployer: shop-slots',
  backend: 'backend: shop',
  sockets: 'sockets: [/run/haproxy.sock]',
  urls: 'urls: { blue: "http://127.0.0.1:8001", green: "http://127.0.0.1:8002" }',
  url: 'url: http://127.0.0.1:9090',
  blue: 'blue: one for the blue slot',
  green: 'green: one for the green slot',
  paths: 'paths: { blue: /etc/shop/blue.json, green: /etc/shop/green.json }',
  beforeCanaryPercent: 'beforeCanaryPercent: 50',
};

const values: { readonly [key: string]: string } = {
  'flags.value': 'value: true',
  'metrics.preset': 'preset: http-latency',
  'metrics.value': `value: 'queue_length{slot="$slot"}'`,
  'targets.deploy': 'deploy: [slotctl, deploy, "{slot}", "{version}"]',
  'targets.status': 'status: [slotctl, status, "{slot}"]',
  'targets.drain': 'drain: [slotctl, drain, "{slot}"]',
  'targets.undeploy': 'undeploy: [slotctl, undeploy, "{slot}"]',
  'targets.kind': 'kind: haproxy',
  'targets.path': 'path: /etc/shop/flags.json',
};

/** Whether there is a real example for the key at a path. */
export function hasExample(path: DocumentPath): boolean {
  const key = String(path.at(-1) ?? '');
  return values[`${path[0]}.${key}`] !== undefined || lines[key] !== undefined;
}

/** A line that could be added at a path, in back quotes. */
export function exampleLine(path: DocumentPath): string {
  const key = String(path.at(-1) ?? '');
  return `\`${values[`${path[0]}.${key}`] ?? lines[key] ?? `${key}: …`}\``;
}
