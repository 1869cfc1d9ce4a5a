import { connect, type Socket } from 'node:net';

const tickMs = 10;
const mostConnections = 64;

/** Sends GETs to services at a rate each over a few kept connections, each of which has one request under way. */
export function startRequests(port: number) {
  let services: { readonly request: string; readonly everyMs: number; dueMs: number }[] = [];
  const idle: Socket[] = [];
  const queue: string[] = [];
  let connections = 0;
  let [sent, failed] = [0, 0];

  function open(): void {
    connections += 1;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let waiting = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => next(socket));
    socket.on('data', (text: string) => {
      waiting += text;
      const end = waiting.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(waiting)?.[1] ?? 0);
      if (waiting.length < end + 4 + length) return;
      if (waiting.charAt(9) !== '2') failed += 1;
      waiting = waiting.slice(end + 4 + length);
      next(socket);
    });
    socket.on('error', () => undefined);
    // HAProxy closes a connection after an answer of its own, such as 503.
    socket.on('close', () => {
      connections -= 1;
      const at = idle.indexOf(socket);
      if (at !== -1) idle.splice(at, 1);
    });
  }
  function next(socket: Socket): void {
    const request = queue.shift();
    if (request === undefined) idle.push(socket);
    else socket.write(request);
  }
  function send(request: string): void {
    sent += 1;
    const socket = idle.pop();
    if (socket !== undefined) return void socket.write(request);
    queue.push(request);
    if (connections < mostConnections) open();
  }

  setInterval(() => {
    const now = performance.now();
    for (const service of services) {
      if (service.dueMs > now) continue;
      send(service.request);
      // Never a flood after a stop of the process itself: it would say nothing about the services.
      service.dueMs = Math.max(service.dueMs + service.everyMs, now - 100);
    }
  }, tickMs);

  return {
    /** Requests a second, by service; those that are not named get none. */
    setRates(rates: { readonly [service: string]: number }): void {
      const now = performance.now();
      services = Object.entries(rates).map(([service, perSecond]) => ({
        request: `GET /${service} HTTP/1.1\r\nhost: scale\r\n\r\n`,
        everyMs: 1_000 / perSecond,
        dueMs: now + (Math.random() * 1_000) / perSecond,
      }));
    },
    counts: () => ({ sent, failed, waiting: queue.length }),
  };
}
