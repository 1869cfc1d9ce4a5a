import { join } from 'node:path';
import { exitCodes } from '../cli/exit-codes';
import { reportFault } from '../cli/fault';
import { print, say, type Io } from '../cli/io';
import { formatDuration } from '../core/duration';
import { openCompany, type Company } from './company';
import { devText, type DevPlaces } from './dev-text';
import { writeExamples } from './example-files';
import { interrupted, listenForInterruption } from './interruption';
import { listParts, watchParts } from './parts';
import { environmentOf } from './write-environment';

export type DevOptions = {
  /** Sent to the shop all the time; 0 sends none. */
  readonly requestsPerSecond: number;
  /** Where the example descriptors go; into the run directory, which is removed at the end, when left out. */
  readonly directory?: string | undefined;
};

/** Keeps the embedded stack, the shop and a worker up until Ctrl-C; resolves with the exit code. */
export async function runDev(io: Io, options: DevOptions): Promise<number> {
  const interruption = listenForInterruption(() => say(io, '\nStopping: everything is taken down …'));
  const { signal } = interruption;
  try {
    say(io, 'Starting Temporal, PostgreSQL, HAProxy, Prometheus, the shop in version 1.0.0, a sentinel and a worker …');
    const fromMs = io.now();
    const company = await openCompany({ requestsPerSecond: options.requestsPerSecond, signal });
    const tookMs = io.now() - fromMs;
    const unwatch = watchParts(listParts(company.embedded), ({ title, log }) => {
      if (!signal.aborted) say(io, `${title} has ended by itself; its log is ${log}. Ctrl-C and start again.`);
    });
    try {
      print(io, `Everything is up after ${formatDuration(tookMs)}. Ctrl-C takes it down and removes its files.`, '');
      print(io, ...devText(await placesOf(company, options)), '');
      await interrupted(signal);
    } finally {
      unwatch();
      await company.close();
    }
    say(io, 'Nothing is left of it.');
    return exitCodes.ok;
  } catch (error) {
    // What was under way failed because it was interrupted.
    if (signal.aborted) return exitCodes.detached;
    return reportFault(io, error, false);
  } finally {
    interruption.dispose();
  }
}

async function placesOf(company: Company, { requestsPerSecond, directory }: DevOptions): Promise<DevPlaces> {
  const { embedded, trafficUrl, environmentFile: exportsFile } = company;
  const { stack, environmentFile, policyFile, shopDsn, sentinel, workers } = embedded;
  const examples = await writeExamples(directory ?? join(stack.runDirectory, 'shop'));
  return {
    temporalUi: environmentOf(embedded)['SPILLWAY_UI_URL'] ?? 'off',
    temporal: stack.temporal.address,
    traffic: trafficUrl,
    requestsPerSecond,
    haproxyStats: stack.haproxy[0]?.statsUrl ?? '',
    haproxySocket: stack.haproxy[0]?.socketPath ?? '',
    slots: stack.slots,
    prometheus: stack.prometheus.url,
    worker: workers[0]?.url ?? '',
    sentinel: sentinel?.url ?? 'off',
    sentinelFile: sentinel?.file ?? '',
    shopDsn,
    directory: stack.runDirectory,
    environmentFile,
    policyFile,
    exportsFile,
    ...examples,
  };
}
