export interface Slots {
  /** `host:port` of the slot. */
  readonly blue: string;
  readonly green: string;
}

export interface HaproxyConfigInput {
  readonly service: string;
  readonly slots: Slots;
  readonly trafficPort: number;
  readonly statsPort: number;
  readonly socketPath: string;
  readonly stateFilePath: string;
  /** Members of cohorts; has to exist. */
  readonly cohortMapPath: string;
}

/** The configuration of one HAProxy in front of one service: all traffic on blue, green closed. */
export function writeHaproxyConfig(input: HaproxyConfigInput): string {
  const { service, slots, trafficPort, statsPort, socketPath, stateFilePath, cohortMapPath } = input;
  return `global
  stats socket ${socketPath} mode 600 level admin expose-fd listeners
  stats maxconn 200
  stats timeout 1m
  server-state-file ${stateFilePath}
  hard-stop-after 10s
  maxconn 4096

defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 30s
  timeout http-request 10s
  load-server-state-from-file global
  # Without it a reload resets connections that are idle between two requests.
  option idle-close-on-response

frontend ${service}-traffic
  bind 127.0.0.1:${trafficPort}
  default_backend ${service}

frontend stats
  bind 127.0.0.1:${statsPort}
  http-request use-service prometheus-exporter if { path /metrics }
  stats enable
  stats uri /

backend ${service}
  balance roundrobin
  # A slot that is killed loses no request that may be repeated.
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response response-timeout
  http-request disable-l7-retry unless METH_GET
  # Spillway's probe asks who answered.
  http-request set-var(txn.probe) req.hdr(x-spillway-check)
  http-response set-header x-spillway-slot %[srv_name] if { var(txn.probe) -m found }
  # Users keep their version: of 10,000 places by the hash of an identity green has the lowest, as many as its weight says.
  http-request set-var(txn.identity) req.fhdr(x-user-id)
  acl has_identity var(txn.identity) -m found
  http-request set-var(txn.place) rand(10000)
  http-request set-var(txn.place) var(txn.identity),crc32,mod(10000) if has_identity
  http-request set-var(txn.green) srv_uweight(${service}/green)
  http-request set-var(txn.all) srv_uweight(${service}/blue),add(txn.green)
  http-request set-var(txn.limit) var(txn.green),mul(10000)
  # Members of cohorts have a limit of their own, in hundredths of a percent.
  http-request set-var(txn.tenant) req.fhdr(x-tenant)
  http-request set-var(txn.own) str(tenant/),concat(,txn.tenant),map_str_int(${cohortMapPath})
  acl is_member var(txn.own) -m found
  http-request set-var(txn.all) int(1) if is_member
  http-request set-var(txn.limit) var(txn.own) if is_member
  http-request set-var(txn.beyond) var(txn.place),mul(txn.all),sub(txn.limit)
  acl is_below var(txn.beyond) -m int lt 0
  use-server green if is_member is_below
  use-server green if has_identity is_below
  use-server blue if is_member !is_below
  use-server blue if has_identity !is_below
  server blue ${slots.blue} weight 100
  server green ${slots.green} weight 0 disabled
`;
}
