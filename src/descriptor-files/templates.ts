export type InitFile = { readonly path: string; readonly text: string };

/** The three files that `spillway init` writes for a service, commented and free of issues. */
export function initFiles({ service }: { readonly service: string }): readonly InitFile[] {
  return [
    { path: 'release.yaml', text: descriptorText(service) },
    { path: 'environment.yaml', text: environmentText(service) },
    { path: 'policy.yaml', text: policyText },
  ];
}

const descriptorText = (
  service: string,
): string => `# What to release and how carefully. \`spillway lint\` checks it, \`spillway plan\` shows everything it leaves out.
apiVersion: spillway/v1
service: ${JSON.stringify(service)}
version: "1.0.0" # always quoted
environment: production
hypothesis:
  change: what should get better for users
  keep: what must not change
owners:
  lead: who answers for this release
metrics:
  http-errors: { max: baseline + 0.5% } # answers 5xx, counted by the proxy itself

# Exposure step by step; without it 5 % and 25 %, each for 10m and 200 requests of each version.
# stages:
#   - { canaryPercent: 1, bakeTime: 5m }
#   - { canaryPercent: 25, bakeTime: 30m, gate: before-most-users }
# gates:
#   before-most-users: { approvals: 1, timeout: 4h }

# A change of the schema, with its undo, so that Spillway can take it back.
# migrations:
#   - id: 001-add-note
#     expand: { sql: db/001.expand.sql, undo: db/001.expand.undo.sql, check: db/001.expand.check.sql }
`;

const environmentText = (
  service: string,
): string => `# What is where; owned by the platform team and read by the worker alone.
apiVersion: spillway/v1
kind: environment
name: production
# Secrets are references: env:NAME or file:PATH.
store: { dsn: env:SPILLWAY_STORE_DSN }
sealKey: env:SPILLWAY_SEAL_KEY
targets:
  proxy:
    kind: haproxy
    backend: ${JSON.stringify(service)}
    sockets: [/run/haproxy/admin.sock]
    stateFiles: [/var/lib/haproxy/state] # its server-state-file, so that a crash keeps the weights; or none
    servers: { blue: blue, green: green } # the two servers of the backend
  slots:
    kind: exec # four commands that return at once; {slot} {version} {service} {release} are replaced
    deploy: [slotctl, deploy, "{slot}", "{version}"]
    status: [slotctl, status, "{slot}"]
    drain: [slotctl, drain, "{slot}"]
    undeploy: [slotctl, undeploy, "{slot}"]
    urls: { blue: "http://127.0.0.1:8001", green: "http://127.0.0.1:8002" }
  database: { kind: postgres, dsn: env:DATABASE_DSN }
services:
  ${JSON.stringify(service)}: { traffic: proxy, deployer: slots, database: database }
`;

const policyText = `# What no descriptor may weaken; owned by the organisation and read by the worker alone.
apiVersion: spillway/v1
kind: policy
name: default
roles: {} # role: [people], such as release-captains: [ada, grace]
floors:
  maxFirstCanaryPercent: 25
  minBakeTime: 0s
  minRollbackWindow: 5m
# requiredGates:
#   - { beforeCanaryPercent: 50, approvals: 1 }
`;
