import { createServer } from 'node:net';
import { StackError } from './stack-error';

// Below the range from which systems take ports for outgoing connections, so that a stopped component finds its port free again.
const firstPort = 15_000;
const portCount = 17_000;
const blockSize = 17;

// Each process begins in a block of its own: two stacks that start at the same moment look at different ports.
let cursor = ((process.pid * blockSize) % portCount) - 1;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A TCP port on 127.0.0.1 that nothing listens on and that this process was not given before. */
export async function pickFreePort(): Promise<number> {
  for (let tries = 0; tries < portCount; tries += 1) {
    cursor = (cursor + 1) % portCount;
    const port = firstPort + cursor;
    if (await isFree(port)) return port;
  }
  throw new StackError(`No free port on 127.0.0.1 between ${firstPort} and ${firstPort + portCount}: stop something.`);
}
