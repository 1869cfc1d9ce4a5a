import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

type Received = {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What was answered; undefined when nothing was. */
  readonly status: number | undefined;
};

/** An HTTP server on a free port that records requests and answers as told; `undefined` never answers. */
export async function receiver() {
  const requests: Received[] = [];
  let status: number | undefined = 200;
  let headers: Readonly<Record<string, string>> = {};
  let text = '';
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { url: path = '', method = '' } = request;
      requests.push({ path, method, headers: request.headers, body, status });
      if (status !== undefined) response.writeHead(status, headers).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    answer: (newStatus: number | undefined, newHeaders: Readonly<Record<string, string>> = {}, newText = '') => {
      [status, headers, text] = [newStatus, newHeaders, newText];
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
