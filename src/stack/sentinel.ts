import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { pickFreePort } from './free-port';
import { isAnswering } from './is-answering';
import { launcher } from './launcher';
import type { Component } from './process';
import type { Stack } from './start-stack';

export type SentinelProcess = Component & {
  readonly url: string;
  /** The file that says what it guards. */
  readonly file: string;
};

/** A sentinel beside the proxies; it knows neither Temporal nor the store. */
export async function startSentinelProcess(
  stack: Stack,
  { SPILLWAY_SENTINEL_TOKEN }: { readonly SPILLWAY_SENTINEL_TOKEN: string },
): Promise<SentinelProcess> {
  const port = await pickFreePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(stack.runDirectory, 'sentinel.yaml');
  const content = {
    apiVersion: 'spillway/v1',
    kind: 'sentinel',
    token: 'env:SPILLWAY_SENTINEL_TOKEN',
    stateFile: join(stack.runDirectory, 'sentinel.json'),
    targets: {
      'shop-traffic': { backend: stack.service, sockets: stack.haproxy.map(({ socketPath }) => socketPath) },
    },
  };
  await writeFile(file, stringify(content));
  const component = await stack.add({
    title: 'sentinel',
    command: process.execPath,
    args: [launcher, 'sentinel', '--file', file, '--port', String(port)],
    logPath: join(stack.runDirectory, 'sentinel.log'),
    env: { SPILLWAY_SENTINEL_TOKEN },
    stopSignal: 'SIGTERM',
    readyTimeoutMs: 30_000,
    isReady: () => isAnswering(`${url}/healthz`),
  });
  return { ...component, url, file };
}
