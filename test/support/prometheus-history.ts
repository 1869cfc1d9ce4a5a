import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pickFreePort } from '../../src/stack/free-port';
import { findTool } from '../../src/stack/tools';
import { until } from './until';

/** A sample: a series with its labels, its value, and when, in Unix milliseconds. */
export type PastSample = { readonly series: string; readonly value: number; readonly atMs: number };

export type HistoryRig = { readonly url: string; close(): Promise<void> };

/** `# EOF` and the order of families are what the format asks for; every family here is a counter or gauge of unknown type. */
function openMetrics(samples: readonly PastSample[]): string {
  const lines = [...samples]
    .sort((a, b) => (a.series < b.series ? -1 : a.series > b.series ? 1 : a.atMs - b.atMs))
    .map(({ series, value, atMs }) => `${series} ${value} ${atMs / 1_000}`);
  return `${lines.join('\n')}\n# EOF\n`;
}

/** A real Prometheus that scrapes nothing and has this past. */
export async function startHistory(samples: readonly PastSample[]): Promise<HistoryRig> {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-history-'));
  const data = join(folder, 'tsdb');
  await writeFile(join(folder, 'past.om'), openMetrics(samples));
  await writeFile(join(folder, 'prometheus.yml'), 'global: {}\n');
  await promisify(execFile)(findTool('promtool'), [
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    '--quiet',
    join(folder, 'past.om'),
    data,
  ]);
  const address = `127.0.0.1:${await pickFreePort()}`;
  const child = spawn(
    findTool('prometheus'),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://${address}`;
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until('Prometheus is ready', isReady, 20_000);
  return {
    url,
    async close() {
      child.kill('SIGKILL');
      await once(child, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
