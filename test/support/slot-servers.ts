import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export type SlotServer = {
  readonly address: string;
  /** Requests that reached the slot. */
  readonly arrived: () => number;
  /** Answers every request for `/waits` that is still open. */
  readonly answerWaiting: () => void;
  readonly close: () => Promise<void>;
};

const behaviours: { readonly [path: string]: (incoming: IncomingMessage, response: ServerResponse) => void } = {
  '/500': (_, response) => response.writeHead(500).end('broken'),
  '/404': (_, response) => response.writeHead(404).end('none'),
  '/hints': (_, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.end('ok');
  },
  '/silent': (incoming) => incoming.socket.destroy(),
  '/hangs': () => undefined,
  '/breaks': (incoming, response) => {
    response.writeHead(200, { 'content-length': 100_000 });
    response.write('the beginning', () => setTimeout(() => incoming.socket.resetAndDestroy(), 5));
  },
  '/stalls': (_, response) => {
    response.writeHead(200, { 'content-length': 100_000 });
    response.write('the beginning');
  },
};

/** A slot whose answer depends on the path: well at first, broken in many ways. */
export const startSlotServer = async (name: string): Promise<SlotServer> => {
  let arrived = 0;
  const waiting: ServerResponse[] = [];
  const server = createServer((incoming, response) => {
    arrived += 1;
    const behave = behaviours[incoming.url ?? ''];
    if (incoming.url === '/waits') waiting.push(response);
    else if (behave === undefined) response.end(name);
    else behave(incoming, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived: () => arrived,
    answerWaiting: () => waiting.splice(0).forEach((response) => response.end(name)),
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export type Load = {
  readonly front: string;
  readonly path?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly agent?: Agent;
  readonly method?: string;
};

export type Answer = { readonly status: number; readonly body: string; readonly headers: IncomingMessage['headers'] };

/** One request through a proxy; a broken connection is status 0. */
export const send = ({ front, path = '/', headers = {}, agent, method = 'GET' }: Load): Promise<Answer> =>
  new Promise((resolve) => {
    const outgoing = request({ socketPath: front, path, headers, method, agent: agent ?? false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      response.on('error', () => resolve({ status: 0, body, headers: response.headers }));
    });
    outgoing.on('error', () => resolve({ status: 0, body: '', headers: {} }));
    outgoing.end();
  });

/** `count` requests over 16 keep-alive connections; says which slot answered how often and how many were not 200. */
export const sendMany = async (load: Load, count: number): Promise<{ blue: number; green: number; failed: number }> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const tally = { blue: 0, green: 0, failed: 0 };
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const { status, body } = await send({ ...load, agent });
      if (status !== 200) tally.failed += 1;
      else if (body === 'blue') tally.blue += 1;
      else tally.green += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  agent.destroy();
  return tally;
};
