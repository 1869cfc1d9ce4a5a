import { setTimeout as sleep } from 'node:timers/promises';
import { releaseWorkflowId } from '../../src/core/release/messages';
import { nowMs } from '../../src/stack/load-sender';
import { readWatcherPid } from '../watcher';
import type { Crew } from './crew';
import { targetOf } from './environment-file';
import type { LeaseBook } from './lease-book';
import { forEachOf } from './releases';

const marginMs = 1_000;

/** What became of the releases of a worker that was killed. */
export type Takeover = {
  readonly open: number;
  /** Releases that the killed worker watched. */
  readonly orphaned: number;
  /** From the kill to the first look of another worker, of each that was looked at again. */
  readonly observedAgainMs: readonly number[];
  /** From the kill to the next renewal of the lease, of each that was renewed again. */
  readonly renewedAgainMs: readonly number[];
};

/** Kills the worker that watches most, then waits until each lease that nobody took over has run out. */
export async function killBusiest({ scale, workers, fleet }: Crew, leases: LeaseBook): Promise<Takeover> {
  const watchers = new Map<string, number | undefined>();
  await forEachOf([...fleet.open.keys()], 16, async (service) => {
    watchers.set(service, await readWatcherPid(scale.temporal, releaseWorkflowId('scale', service)));
  });
  const [busiest] = workers
    .map((worker) => ({ worker, services: [...watchers.keys()].filter((one) => watchers.get(one) === worker.pid()) }))
    .sort((one, other) => other.services.length - one.services.length);
  if (busiest === undefined || busiest.services.length === 0) throw new Error('no worker of ours watches anything');
  const leftMs = leases.longestLeftMs();
  const killedMs = nowMs();
  await busiest.worker.kill();
  await sleep(leftMs + marginMs);
  const samples = await scale.store.firstSamplesSince(killedMs);
  const renewals = leases.firstRenewalsSince(killedMs);
  const delays = (findMs: (service: string) => number | undefined): readonly number[] =>
    busiest.services.flatMap((service) => {
      const atMs = findMs(service);
      return atMs === undefined ? [] : [Math.round(atMs - killedMs)];
    });
  return {
    open: watchers.size,
    orphaned: busiest.services.length,
    observedAgainMs: delays((service) => samples.get(fleet.open.get(service) ?? '')),
    renewedAgainMs: delays((service) => renewals.get(targetOf(service))),
  };
}
