import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { StackError } from './stack-error';

// Below the range from which systems take ports for outgoing connections, so that a stopped component finds its port free again.
const firstPort = 15_000;
const portCount = 17_000;
const blockSize = 17;

// Each process begins in a block of its own, so that two that start at the same moment seldom look at the same port.
let cursor = ((process.pid * blockSize) % portCount) - 1;

/**
 * The UDP port of the same number is the sign that a port is taken: a part that is stopped or not started yet listens
 * on nothing, and another process would be given its port. Held until this process ends, however it ends.
 */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const sign = createSocket('udp4');
    sign.once('error', () => sign.close(() => resolve(false)));
    sign.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      sign.unref();
      resolve(true);
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A TCP port on 127.0.0.1 that nothing listens on and that no process of ours was given and still lives. */
export async function pickFreePort(): Promise<number> {
  for (let tries = 0; tries < portCount; tries += 1) {
    cursor = (cursor + 1) % portCount;
    const port = firstPort + cursor;
    if ((await isFree(port)) && (await reserve(port))) return port;
  }
  throw new StackError(`No free port on 127.0.0.1 between ${firstPort} and ${firstPort + portCount}: stop something.`);
}
