type Input = {
  readonly backends: readonly string[];
  readonly slots: { readonly blue: number; readonly green: number };
  readonly trafficPort: number;
  readonly socketPath: string;
};

/** One HAProxy before many services; the first part of a request's path names the service. */
export const writeConfig = ({ backends, slots, trafficPort, socketPath }: Input): string => `global
  stats socket ${socketPath} mode 600 level admin
  stats maxconn 200
  maxconn 4096

defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 30s
  option idle-close-on-response

frontend traffic
  bind 127.0.0.1:${trafficPort}
  use_backend %[path,field(2,/)]

${backends
  .map(
    (name) => `backend ${name}
  balance roundrobin
  server blue 127.0.0.1:${slots.blue} weight 100
  server green 127.0.0.1:${slots.green} weight 0 disabled
`,
  )
  .join('')}`;
