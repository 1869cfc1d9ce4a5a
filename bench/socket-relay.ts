import { rename } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { nowMs } from '../src/stack/load-sender';

/** One question somebody asked HAProxy. `answeredMs` is when the last byte of the answer went back. */
export type Asked = { readonly question: string; readonly askedMs: number; readonly answeredMs: number };

/**
 * Takes the place of a HAProxy's runtime socket and passes everything on, noting what is asked and when.
 * The proxy and whoever asks it notice nothing; `close` puts the real socket back.
 */
export async function relaySocket(
  socketPath: string,
): Promise<{ readonly asked: () => readonly Asked[]; readonly close: () => Promise<void> }> {
  const realPath = `${socketPath}.real`;
  const asked: Asked[] = [];
  const server = createServer({ allowHalfOpen: true }, (client) => pass(client, realPath, asked));
  await rename(socketPath, realPath);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  return {
    asked: () => asked,
    close: async () => {
      // A closing server removes the file of its name, whoever owns it by then.
      await new Promise((resolve) => server.close(resolve));
      await rename(realPath, socketPath);
    },
  };
}

function pass(client: Socket, realPath: string, asked: Asked[]): void {
  const haproxy = createConnection({ path: realPath, allowHalfOpen: true });
  let question = '';
  let askedMs = 0;
  client.on('data', (chunk) => {
    question += chunk.toString();
    askedMs = nowMs();
  });
  haproxy.on('end', () => asked.push({ question: question.trim(), askedMs, answeredMs: nowMs() }));
  const dropBoth = (): void => {
    client.destroy();
    haproxy.destroy();
  };
  client.on('error', dropBoth);
  haproxy.on('error', dropBoth);
  client.pipe(haproxy);
  haproxy.pipe(client);
  haproxy.on('close', () => client.end());
}
