import { join } from 'node:path';
import pino from 'pino';
import { createHttpSentinel } from '../../src/adapters/sentinel/http';
import { sentinelSchema } from '../../src/core/sentinel/schema';
import type { SentinelPort } from '../../src/ports/sentinel';
import { runSentinel, type RunningSentinel } from '../../src/sentinel/run-sentinel';
import { temporaryDirectory } from './temporary-directory';

export const sentinelToken = 'a token of the tests, long enough';

export type SentinelProcess = {
  readonly port: SentinelPort;
  readonly url: () => string;
  readonly stateFile: string;
  /** Time passes for the sentinel: both of its clocks. */
  pass(ms: number): void;
  stop(): Promise<void>;
  /** Starts it again on another port; `port` follows. */
  start(): Promise<void>;
  close(): Promise<void>;
};

/** A real sentinel over the given HAProxies, reached over HTTP. */
export async function startSentinel(sockets: readonly string[], target = 'edge'): Promise<SentinelProcess> {
  const directory = await temporaryDirectory();
  const stateFile = join(directory.path, 'sentinel.json');
  const file = sentinelSchema.parse({
    apiVersion: 'spillway/v1',
    kind: 'sentinel',
    token: 'env:TOKEN',
    stateFile,
    targets: { [target]: { backend: 'shop', sockets } },
  });
  let passedMs = 0;
  const clocks = { monotonicMs: () => performance.now() + passedMs, wallMs: () => Date.now() + passedMs };
  let running: RunningSentinel | undefined;
  let url = 'http://127.0.0.1:1';
  const start = async (): Promise<void> => {
    const log = pino({ level: 'silent' });
    running = await runSentinel({ file, host: '127.0.0.1', port: 0, env: { TOKEN: sentinelToken }, log, clocks });
    url = running.url;
  };
  const stop = async (): Promise<void> => {
    await running?.stop();
    running = undefined;
  };
  await start();
  const port = (): SentinelPort => createHttpSentinel({ url, token: sentinelToken, timeoutMs: 5_000 });
  return {
    port: {
      name: 'sentinel',
      hold: (...args) => port().hold(...args),
      renew: (...args) => port().renew(...args),
      end: (...args) => port().end(...args),
      status: () => port().status(),
    },
    url: () => url,
    stateFile,
    pass: (ms) => void (passedMs += ms),
    start,
    stop,
    async close() {
      await stop();
      await directory.remove();
    },
  };
}
