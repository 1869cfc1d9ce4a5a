import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { pickFreePort } from './free-port';
import { isAnswering } from './is-answering';
import { createComponent, type Component } from './process';
import { findTool } from './tools';
import type { Watchdog } from './watchdog';

/** A process of the service whose `/metrics` is scraped every second. */
export interface ScrapeTarget {
  /** `host:port`. */
  readonly address: string;
  readonly service: string;
  readonly slot: 'blue' | 'green';
}

export interface Prometheus extends Component {
  readonly url: string;
  /** Replaces the service's targets; Prometheus takes up to ten seconds to follow. */
  setTargets(targets: readonly ScrapeTarget[]): void;
}

export interface PrometheusInput {
  readonly watchdog: Watchdog;
  /** `host:port` of each HAProxy's exporter. */
  readonly haproxyTargets: readonly string[];
  readonly targets: readonly ScrapeTarget[];
}

function writeTargets(path: string, targets: readonly ScrapeTarget[]): void {
  const groups = targets.map(({ address, service, slot }) => ({ targets: [address], labels: { service, slot } }));
  // Prometheus watches the file, and must never read half of it.
  writeFileSync(`${path}.new`, JSON.stringify(groups));
  renameSync(`${path}.new`, path);
}

/** A Prometheus that scrapes the proxies and the slots every second, not started yet. */
export async function createPrometheus(runDirectory: string, input: PrometheusInput): Promise<Prometheus> {
  const directory = join(runDirectory, 'prometheus');
  mkdirSync(directory, { mode: 0o700 });
  const port = await pickFreePort();
  const url = `http://127.0.0.1:${port}`;
  const configPath = join(directory, 'prometheus.yml');
  const targetsPath = join(directory, 'targets.json');
  writeTargets(targetsPath, input.targets);
  writeFileSync(
    configPath,
    stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      scrape_configs: [
        { job_name: 'haproxy', static_configs: [{ targets: input.haproxyTargets }] },
        { job_name: 'service', file_sd_configs: [{ files: [targetsPath], refresh_interval: '1s' }] },
      ],
    }),
  );
  const component = createComponent(
    {
      title: 'Prometheus',
      command: findTool('prometheus'),
      args: [
        `--config.file=${configPath}`,
        `--storage.tsdb.path=${join(directory, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-lifecycle',
        '--log.level=warn',
        // A hidden setting: without it changed targets wait up to five seconds more.
        '--scrape.discovery-reload-interval=100ms',
      ],
      logPath: join(runDirectory, 'prometheus.log'),
      stopSignal: 'SIGTERM',
      readyTimeoutMs: 20_000,
      isReady: () => isAnswering(`${url}/-/ready`),
    },
    input.watchdog,
  );
  return { ...component, url, setTargets: (targets) => writeTargets(targetsPath, targets) };
}
