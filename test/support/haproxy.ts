import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askHaproxy } from '../../src/adapters/traffic/haproxy-socket';
import { pickFreePort } from '../../src/stack/free-port';
import { findTool } from '../../src/stack/tools';
import { until } from './until';

export type HaproxyRig = {
  readonly backend: string;
  /** Runtime API, one a proxy. */
  readonly sockets: readonly string[];
  /** Where each proxy takes requests: paths of Unix sockets, so that no port can be taken. */
  readonly fronts: readonly string[];
  /** The same over TCP, for who cannot speak to a Unix socket; empty unless asked for. */
  readonly urls: readonly string[];
  readonly tell: (command: string, proxy?: number) => Promise<string>;
  /** A crash and a fresh start: runtime weights and counters are gone. */
  readonly restart: (proxy?: number) => Promise<void>;
  readonly kill: (proxy?: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type HaproxyRigOptions = {
  /** `host:port` or `unix@path` of each slot. */
  readonly slots: { readonly blue: string; readonly green: string };
  readonly proxies?: number;
  /** Lines of the backend beside its servers. */
  readonly backendLines?: readonly string[];
  readonly hasUrls?: boolean;
  readonly level?: 'admin' | 'operator';
};

type Place = { readonly socket: string; readonly front: string; readonly port: number | undefined };

const configuration = (
  { socket, front, port }: Place,
  { slots, backendLines = [], level = 'admin' }: HaproxyRigOptions,
) => `
global
  stats socket ${socket} mode 600 level ${level}
  maxconn 2000
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 2s
  retries 1
frontend front
  bind unix@${front}
${port === undefined ? '' : `  bind 127.0.0.1:${port}`}
  default_backend shop
backend shop
  balance roundrobin
  use-server blue if { req.hdr(x-slot) blue }
  use-server green if { req.hdr(x-slot) green }
${backendLines.map((line) => `  ${line}`).join('\n')}
  server blue ${slots.blue} weight 100
  server green ${slots.green} weight 0
`;

/** Starts real HAProxies before two slots; a request with `x-slot: blue|green` goes to that slot while it is ready. */
export const startHaproxy = async (options: HaproxyRigOptions): Promise<HaproxyRig> => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-haproxy-'));
  const count = options.proxies ?? 1;
  const ports = options.hasUrls === true ? await Promise.all(Array.from({ length: count }, pickFreePort)) : [];
  const proxies = Array.from({ length: count }, (_, index) => ({
    socket: join(folder, `${index}.sock`),
    front: join(folder, `${index}.front`),
    file: join(folder, `${index}.cfg`),
    port: ports[index],
  }));
  const children = new Map<number, ChildProcess>();
  const at = (index: number) => {
    const proxy = proxies[index];
    if (proxy === undefined) throw new Error(`There is no proxy ${index}.`);
    return proxy;
  };
  const tell = (command: string, index = 0) => askHaproxy({ socket: at(index).socket, command, timeoutMs: 2000 });
  const launch = async (index: number) => {
    const child = spawn(findTool('haproxy'), ['-db', '-f', at(index).file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (text) => (log += String(text)));
    children.set(index, child);
    await until('HAProxy answers', async () => {
      if (child.exitCode !== null) throw new Error(`HAProxy ended: ${log}`);
      return (await tell('show info', index).catch(() => '')).includes(`Pid: ${child.pid}\n`);
    });
  };
  const kill = async (index = 0) => {
    const child = children.get(index);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  for (const proxy of proxies) writeFileSync(proxy.file, configuration(proxy, options));
  await Promise.all(proxies.map((_, index) => launch(index)));
  return {
    backend: 'shop',
    sockets: proxies.map(({ socket }) => socket),
    fronts: proxies.map(({ front }) => front),
    urls: ports.map((port) => `http://127.0.0.1:${port}/`),
    tell,
    kill,
    async restart(index = 0) {
      await kill(index);
      await launch(index);
    },
    async close() {
      await Promise.all(proxies.map((_, index) => kill(index)));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
