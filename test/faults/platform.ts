import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Rows } from './rows';

export type Slot = 'blue' | 'green';
type Order = { readonly version: string; readonly release: string };

/** The platform of one lane: two places a version runs in, and the four commands of the environment file. */
export type Platform = {
  readonly commands: { readonly [verb in 'deploy' | 'status' | 'drain' | 'undeploy']: readonly string[] };
  /** What runs where now. */
  running(): { readonly [S in Slot]: Order | undefined };
  /** How often a version was started, by release. */
  starts(): { readonly [release: string]: number };
  /** From now on this slot fails every request of users. */
  misbehave(slot: Slot | undefined): void;
  /** Version 1 in blue, nothing in green, nothing remembered. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

type Place = { order: Order | undefined; server: Server | undefined; state: string };

const pollMs = 10;
// A command is a shell line, so that dozens a release cost the machine nothing.
const script = (line: string): readonly string[] => ['/bin/sh', '-c', line];

/** Starts a platform in `folder` for two ports; its versions write into the database with every request. */
export function startPlatform(
  folder: string,
  { addresses, rows }: { readonly addresses: { readonly [S in Slot]: string }; readonly rows: Rows },
): Platform {
  mkdirSync(folder, { recursive: true });
  const places: { readonly [S in Slot]: Place } = {
    blue: { order: undefined, server: undefined, state: 'absent' },
    green: { order: undefined, server: undefined, state: 'absent' },
  };
  let starts: { [release: string]: number } = {};
  let failing: Slot | undefined;

  function show(slot: Slot): void {
    const { order, state } = places[slot];
    const line = { slot, version: order?.version, release: order?.release, state, ready: state === 'running' };
    writeFileSync(join(folder, `${slot}.status.next`), `${JSON.stringify(line)}\n`);
    renameSync(join(folder, `${slot}.status.next`), join(folder, `${slot}.status`));
  }

  async function listen(slot: Slot, { version }: Order): Promise<Server> {
    const server = createServer((_, response) => {
      response.setHeader('x-version', version);
      response.setHeader('x-slot', slot);
      if (failing === slot) return void response.writeHead(500).end('broken');
      void rows.write(version).then(() => response.end(version));
    });
    server.keepAliveTimeout = 75_000;
    const [host, port] = addresses[slot].split(':');
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(Number(port), host, resolve);
    });
    return server;
  }

  async function stop(slot: Slot): Promise<void> {
    const { server } = places[slot];
    places[slot].server = undefined;
    if (server === undefined) return;
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      setTimeout(() => server.closeAllConnections(), 500).unref();
    });
    clearInterval(idle);
  }

  async function deploy(slot: Slot, order: Order): Promise<void> {
    const place = places[slot];
    const isSame = place.order?.release === order.release && place.order.version === order.version;
    if (isSame && place.state === 'running') return;
    place.state = 'starting';
    place.order = order;
    show(slot);
    await stop(slot);
    starts[order.release] = (starts[order.release] ?? 0) + 1;
    place.server = await listen(slot, order);
    place.state = 'running';
    show(slot);
  }

  async function obey(slot: Slot, verb: string, order: Order): Promise<void> {
    if (verb === 'deploy') return deploy(slot, order);
    const place = places[slot];
    if (place.order?.release !== order.release) return;
    place.state = 'draining';
    show(slot);
    await stop(slot);
    place.state = verb === 'undeploy' ? 'absent' : 'stopped';
    if (verb === 'undeploy') place.order = undefined;
    show(slot);
  }

  const take = (slot: Slot): string | undefined => {
    const path = join(folder, `${slot}.order`);
    try {
      const text = readFileSync(path, 'utf8');
      rmSync(path);
      return text;
    } catch {
      return undefined;
    }
  };

  let isBusy = false;
  async function turn(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    try {
      for (const slot of ['blue', 'green'] as const) {
        const text = take(slot);
        if (text === undefined) continue;
        const [verb = '', version = '', release = ''] = text.trim().split(' ');
        await obey(slot, verb, { version, release }).catch((error: Error) => {
          // Told as a platform tells it, so that one case bears it and not the process of all.
          places[slot].state = `failed: ${error.message}`;
          show(slot);
        });
      }
    } finally {
      isBusy = false;
    }
  }
  const timer = setInterval(() => void turn(), pollMs);

  // An order waits until the one before it was taken; like every command it returns at once.
  const order = (verb: string): readonly string[] =>
    script(
      `cd ${folder} && while [ -e {slot}.order ]; do sleep 0.01; done; ` +
        `echo ${verb} {version} {release} > {slot}.$$ && mv {slot}.$$ {slot}.order && while [ -e {slot}.order ]; do sleep 0.01; done`,
    );
  return {
    commands: {
      deploy: order('deploy'),
      drain: order('drain'),
      undeploy: order('undeploy'),
      status: script(`cat ${folder}/{slot}.status`),
    },
    running: () => ({
      blue: places.blue.server === undefined ? undefined : places.blue.order,
      green: places.green.server === undefined ? undefined : places.green.order,
    }),
    starts: () => starts,
    misbehave: (slot) => void (failing = slot),
    async reset() {
      failing = undefined;
      for (const slot of ['blue', 'green'] as const) rmSync(join(folder, `${slot}.order`), { force: true });
      await stop('green');
      Object.assign(places.green, { order: undefined, state: 'absent' });
      show('green');
      await stop('blue');
      Object.assign(places.blue, { order: undefined, state: 'absent' });
      await deploy('blue', { version: '1.0.0', release: 'by-hand' });
      rows.reset();
      starts = {};
    },
    async close() {
      clearInterval(timer);
      await Promise.all([stop('blue'), stop('green')]);
      await rows.close();
    },
  };
}
