import { createServer } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export type EndpointSources = {
  /** Names of what a worker needs and whether it has it now. */
  readonly checks: () => Promise<readonly { readonly name: string; readonly isOk: boolean; readonly detail: string }[]>;
  readonly isAlive: () => boolean;
  /** Where Temporal's own metrics are served; theirs are appended to ours. */
  readonly temporalMetricsUrl: string;
};

export type Endpoints = { readonly url: string; close(): Promise<void> };

async function temporalMetrics(url: string): Promise<string> {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(1_000) })).text();
  } catch {
    return '# the metrics of the Temporal SDK are not to be had just now\n';
  }
}

/** Health (the process works), readiness (it can take work) and metrics of a worker, on 127.0.0.1 unless told otherwise. */
export async function serveEndpoints(sources: EndpointSources, host: string, port: number): Promise<Endpoints> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const ready = new Gauge({
    name: 'spillway_worker_ready',
    help: '1 when the worker can take work',
    registers: [registry],
  });
  const app = new Hono();
  app.get('/healthz', (context) =>
    context.json({ status: sources.isAlive() ? 'ok' : 'ending' }, sources.isAlive() ? 200 : 503),
  );
  app.get('/readyz', async (context) => {
    const checks = await sources.checks();
    const isReady = sources.isAlive() && checks.every(({ isOk }) => isOk);
    return context.json({ status: isReady ? 'ready' : 'not ready', checks }, isReady ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    const checks = await sources.checks();
    ready.set(sources.isAlive() && checks.every(({ isOk }) => isOk) ? 1 : 0);
    return context.text(`${await registry.metrics()}${await temporalMetrics(sources.temporalMetricsUrl)}`);
  });
  const server = serve({ fetch: app.fetch, hostname: host, port, createServer });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host}:${boundPort}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
