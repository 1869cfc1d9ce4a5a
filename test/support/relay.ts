import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Relay = {
  readonly host: string;
  /** Where it passes connections on to, as `host:port`; those that come before wait. */
  to(address: string): void;
  /** From now on it accepts and takes bytes, and nothing is passed on: the part behind it hangs. */
  freeze(): void;
  thaw(): void;
  /** Breaks every connection there is; new ones are passed on. */
  cut(): void;
  close(): Promise<void>;
};

type Pair = { readonly near: Socket; far: Socket | undefined };

const passOn = (from: Socket, to: Socket): void => {
  from.on('data', (bytes) => to.write(bytes));
  from.on('end', () => to.end());
  from.on('close', () => to.destroy());
};

/** A TCP relay on a free port: a part behind it can hang, which is worse than dying, because nothing is refused. */
export async function startRelay(): Promise<Relay> {
  const pairs = new Set<Pair>();
  let target: { readonly host: string; readonly port: number } | undefined;
  let isFrozen = false;

  function join(pair: Pair): void {
    if (isFrozen || target === undefined || pair.near.destroyed) return;
    if (pair.far === undefined) {
      const far = connect(target);
      pair.far = far;
      far.on('error', () => pair.near.destroy());
      passOn(pair.near, far);
      passOn(far, pair.near);
    }
    pair.near.resume();
    pair.far.resume();
  }

  function cut(): void {
    for (const { near, far } of pairs) {
      near.destroy();
      far?.destroy();
    }
  }

  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (near) => {
    const pair: Pair = { near, far: undefined };
    pairs.add(pair);
    near.on('close', () => pairs.delete(pair));
    near.on('error', () => pair.far?.destroy());
    join(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    to(address) {
      const { hostname, port: toPort } = new URL(`tcp://${address}`);
      target = { host: hostname, port: Number(toPort) };
      for (const pair of pairs) join(pair);
    },
    freeze() {
      isFrozen = true;
      for (const { near, far } of pairs) {
        near.pause();
        far?.pause();
      }
    },
    thaw() {
      isFrozen = false;
      for (const pair of pairs) join(pair);
    },
    cut,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
