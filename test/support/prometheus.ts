import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pickFreePort } from '../../src/stack/free-port';
import { findTool } from '../../src/stack/tools';
import { until } from './until';

export type PrometheusRig = {
  readonly url: string;
  readonly scrapeIntervalMs: number;
  /** What the target shows from now on, in the text format; resolves when it was scraped and can be queried. */
  readonly expose: (lines: readonly string[]) => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const scrapeIntervalMs = 200;

/** A server with one page of metrics, numbered so that one can tell which page was scraped. */
const startTarget = async () => {
  let page = 0;
  let lines: readonly string[] = [];
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end([...lines, `page ${page}`, ''].join('\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    show(next: readonly string[]) {
      lines = next;
      page += 1;
      return page;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Starts a real Prometheus that scrapes one target of the test's own five times a second. */
export const startPrometheus = async (): Promise<PrometheusRig> => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-prometheus-'));
  const target = await startTarget();
  const address = `127.0.0.1:${await pickFreePort()}`;
  const file = join(folder, 'prometheus.yml');
  writeFileSync(
    file,
    `global: {scrape_interval: ${scrapeIntervalMs}ms, scrape_timeout: ${scrapeIntervalMs}ms}
scrape_configs: [{job_name: shop, static_configs: [{targets: ['${target.address}']}]}]
`,
  );
  const flags = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=${address}`,
  ];
  const child = spawn(findTool('prometheus'), flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text) => (log += String(text)));
  const url = `http://${address}`;
  const shownPage = async () => {
    const answer = await fetch(`${url}/api/v1/query?query=page`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? -1);
  };
  await until('Prometheus is ready', async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended: ${log}`);
    return (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true;
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url,
    scrapeIntervalMs,
    kill,
    async expose(lines) {
      const page = target.show(lines);
      await until('the page is scraped', async () => (await shownPage()) === page);
    },
    async close() {
      await kill();
      await target.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
