import { createServer as createControl, type IncomingMessage } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { nowMs } from '../../src/stack/load-sender';
import { startRequests } from './requests';

/**
 * All services of the benchmark and all their users, in one process that costs little: both slots of every service, and
 * the requests that are sent through the proxy. `world BLUE GREEN PROXY CONTROL`, four ports of 127.0.0.1.
 */
export function main(args: readonly string[]): Promise<number> {
  const [blue = 0, green = 0, proxy = 0, control = 0] = args.map(Number);
  /** `slot/service` → when it failed first, or nothing yet. */
  const failing = new Map<string, number | undefined>();
  const answer = (slot: string, path: string): string => {
    const key = slot + path;
    if (!failing.has(key)) return 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
    if (failing.get(key) === undefined) failing.set(key, nowMs());
    return 'HTTP/1.1 500 Broken\r\ncontent-length: 2\r\n\r\nno';
  };
  const serveSlot = (slot: string, port: number) =>
    createServer({ noDelay: true }, (socket) => serveRequests(socket, (path) => answer(slot, path))).listen(
      port,
      '127.0.0.1',
    );
  serveSlot('blue', blue);
  serveSlot('green', green);
  const requests = startRequests(proxy);

  createControl((request, response) => {
    void bodyOf(request).then((text) => {
      const body = text === '' ? {} : (JSON.parse(text) as { rates?: Record<string, number>; failing?: string[] });
      if (body.rates !== undefined) requests.setRates(body.rates);
      if (body.failing !== undefined) {
        for (const key of failing.keys()) if (!body.failing.includes(key)) failing.delete(key);
        for (const key of body.failing) if (!failing.has(key)) failing.set(key, undefined);
      }
      const firstFailures = Object.fromEntries([...failing].filter(([, atMs]) => atMs !== undefined));
      response.end(JSON.stringify({ firstFailures, ...requests.counts() }));
    });
  }).listen(control, '127.0.0.1');
  return new Promise(() => undefined);
}

/** Answers requests without a body, as many as a connection brings. */
function serveRequests(socket: Socket, answer: (path: string) => string): void {
  let waiting = '';
  socket.on('error', () => socket.destroy());
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    waiting += text;
    for (;;) {
      const end = waiting.indexOf('\r\n\r\n');
      if (end === -1) return;
      const from = waiting.indexOf(' ') + 1;
      socket.write(answer(waiting.slice(from, waiting.indexOf(' ', from))));
      waiting = waiting.slice(end + 4);
    }
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
