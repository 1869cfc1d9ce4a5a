import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../spread';
import { atOnce, createFleet } from './fleet';
import { coresDuring, readUse } from './process-use';
import type { WorkerProcess } from './processes';
import type { ScaleStack } from './scale-stack';

const windowMs = 10_000;
const settleMs = 5_000;

/** What exposed releases cost while nothing happens, and how soon breaches among them are answered. */
export type Step = {
  /** Exposed releases at the last round of breaches: the fewest of all rounds. */
  readonly open: number;
  /** Exposed releases whose cost was measured. */
  readonly watched: number;
  readonly breachToZeroMs: readonly number[];
  /** Kept busy meanwhile; of all workers together. */
  readonly cores: { readonly [N in 'worker' | 'server' | 'proxy' | 'database']: number };
  /** In all workers together, beyond what they take without a release. */
  readonly kilobytesEach: number;
  readonly heartbeatsPerSecond: number;
  readonly rowsPerSecond: number;
};

export const p99 = ({ breachToZeroMs }: Pick<Step, 'breachToZeroMs'>): number => quantile(breachToZeroMs, 0.99);

/** Milliseconds of a core that the workers spend on one exposed release in a second. */
export const coreMsEach = ({ cores, watched }: Pick<Step, 'cores' | 'watched'>): number =>
  Math.round((10_000 * cores.worker) / watched) / 10;

/** Heartbeats that a worker has sent to Temporal so far, by its own metrics. */
async function countHeartbeats({ url }: WorkerProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^temporal_request_total\{[^}]*operation="RecordActivityTaskHeartbeat"[^}]*\} (\d+)/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Starts workers on the same queues, and a fleet of releases that they share. */
export async function startCrew(scale: ScaleStack, services: readonly string[], size: number) {
  const workers: WorkerProcess[] = [];
  while (workers.length < size) workers.push(await scale.startWorker());
  const pids = {
    worker: workers.map((worker) => worker.pid() ?? 0),
    server: [scale.stack.temporal.pid() ?? 0],
    proxy: [scale.proxy.pid()],
    database: [scale.stack.postgres.pid() ?? 0],
  };
  const idleBytes = (await readUse(pids.worker)).rssBytes;
  const fleet = createFleet(scale, services);

  async function readCounts() {
    const beats = await Promise.all(workers.map(countHeartbeats));
    const { samples = 0 } = await scale.store.countRows();
    return { beats: beats.reduce((sum, count) => sum + count, 0), samples };
  }
  async function watchQuietly(): Promise<Omit<Step, 'open' | 'breachToZeroMs'>> {
    const before = await readCounts();
    const cores = await coresDuring(pids, () => sleep(windowMs));
    const after = await readCounts();
    const watched = fleet.open.size;
    const perSecond = (of: keyof typeof after): number =>
      Math.round(((after[of] - before[of]) * 10_000) / windowMs) / 10;
    const { rssBytes } = await readUse(pids.worker);
    return {
      watched,
      cores,
      kilobytesEach: Math.round((rssBytes - idleBytes) / 1_000 / watched),
      heartbeatsPerSecond: perSecond('beats'),
      rowsPerSecond: perSecond('samples'),
    };
  }
  return {
    scale,
    workers,
    fleet,
    /** Opens as many as are left after all rounds but the last, watches them, then breaks ten a round. */
    async measureStep(open: number, rounds: number): Promise<Step> {
      await fleet.growTo(open + (rounds - 1) * atOnce);
      await sleep(settleMs);
      const quiet = await watchQuietly();
      const breachToZeroMs: number[] = [];
      for (let round = 0; round < rounds; round += 1) breachToZeroMs.push(...(await fleet.breakSome()));
      return { open, ...quiet, breachToZeroMs };
    },
  };
}

export type Crew = Awaited<ReturnType<typeof startCrew>>;
