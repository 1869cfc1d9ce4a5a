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
}

/** The configuration of one HAProxy in front of one service: all traffic on blue, green closed. */
export function writeHaproxyConfig(input: HaproxyConfigInput): string {
  const { service, slots, trafficPort, statsPort, socketPath, stateFilePath } = input;
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
  server blue ${slots.blue} weight 100
  server green ${slots.green} weight 0 disabled
`;
}
