import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askHaproxy } from '../../src/stack/haproxy';
import type { Component } from '../../src/stack/process';
import type { Stack } from '../../src/stack/start-stack';
import { findTool } from '../../src/stack/tools';

type Input = {
  readonly backends: readonly string[];
  readonly slots: { readonly blue: number; readonly green: number };
  readonly trafficPort: number;
  readonly socketPath: string;
};

/** One HAProxy before many services; the first part of a request's path names the service. */
const configOf = ({ backends, slots, trafficPort, socketPath }: Input): string => `global
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

/** Starts it on top of the stack, which stops it. */
export async function addHaproxy(stack: Stack, config: Input): Promise<Component> {
  const path = join(stack.runDirectory, 'scale.cfg');
  await writeFile(path, configOf(config));
  return stack.add({
    title: 'HAProxy',
    command: findTool('haproxy'),
    args: ['-db', '-f', path],
    logPath: join(stack.runDirectory, 'scale-haproxy.log'),
    stopSignal: 'SIGTERM',
    readyTimeoutMs: 20_000,
    isReady: () =>
      askHaproxy(config.socketPath, 'show info')
        .then((text) => text.includes('Pid:'))
        .catch(() => false),
  });
}
