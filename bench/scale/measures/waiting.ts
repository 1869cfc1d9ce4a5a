import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { releaseWorkflowId } from '../../../src/core/release/messages';
import type { Outcome } from '../../outcome';
import { countActions } from '../actions';
import type { Measure, ScaleOptions } from '../measure';
import { coresDuring, readUse } from '../process-use';
import { bundleOf, forEachOf, waitUntil, type Part } from '../releases';
import { startScaleStack } from '../scale-stack';

const needed = 2_000;
const [barKilobytes, barCores] = [400, 0.2];
const windowMs = 20_000;
const manyReleases = 10_000;

/** At its first gate a release has deployed and checked its canary, and no user is sent to it. */
const part: Part = { stages: [{ canaryPercent: 25, gate: 'begin' }], gates: { begin: {} } };

async function measure({ waiting, say }: ScaleOptions): Promise<Outcome> {
  const services = Array.from({ length: waiting }, (_, index) => `w${index}`);
  const scale = await startScaleStack({ services });
  try {
    const { temporal } = scale;
    const worker = await scale.startWorker();
    const pids = { worker: [worker.pid() ?? 0], server: [scale.stack.temporal.pid() ?? 0] };
    const rssOf = async () => ({
      worker: (await readUse(pids.worker)).rssBytes,
      server: (await readUse(pids.server)).rssBytes,
    });
    const before = await rssOf();
    const startedMs = performance.now();
    await forEachOf(services, 24, async (service, index) => {
      const bundle = bundleOf(service, 'scale', part);
      await scale.client.start({ bundle, environment: 'scale', service, requestedBy: 'benchmark' });
      // Started as fast as they can be taken, or half of them would wait in Temporal for their first task.
      await waitUntil(
        () => isAtGate(temporal, service),
        async () => `${service}: ${(await scale.client.explain(releaseWorkflowId('scale', service))).sentence}`,
        120_000,
      );
      if ((index + 1) % 200 === 0) say(`waiting: ${index + 1} of ${waiting} open`);
    });
    const openedPerSecond = waiting / ((performance.now() - startedMs) / 1_000);
    await sleep(10_000);
    const after = await rssOf();
    const cores = await coresDuring(pids, () => sleep(windowMs));
    const tables = await scale.store.countRows();
    const { events, actions } = countActions(
      await temporal.workflow.getHandle(releaseWorkflowId('scale', 'w0')).fetchHistory(),
    );
    const kilobytes = (of: 'worker' | 'server'): number => Math.round((after[of] - before[of]) / 1_000 / waiting);
    const rowsEach = Math.round((10 * Object.values(tables).reduce((sum, count) => sum + count, 0)) / waiting) / 10;
    const kb = { worker: kilobytes('worker'), server: kilobytes('server') };
    say(`waiting: ${JSON.stringify({ kb, cores, openedPerSecond, tables, events, actions })}`);
    return {
      figures: { waiting, kilobytesEach: kb, cores, openedPerSecond, rows: tables, events, actions },
      rows: [
        {
          what: `${waiting} open releases that wait, no user exposed: memory of the worker each`,
          measured: `${kb.worker} kB, where the worker keeps some (\`--cached-releases\`) and replays the others; ${kb.server} kB in the Temporal server (in memory)`,
          bar: `≤ ${barKilobytes} kB`,
          isMet: kb.worker <= barKilobytes,
        },
        {
          what: 'the same: processor of the worker',
          measured: `${cores.worker} cores; Temporal server ${cores.server}`,
          bar: `≤ ${barCores} cores`,
          isMet: cores.worker <= barCores,
        },
        {
          what: `what limits ${manyReleases}`,
          measured: `Temporal's server and its database first: ${Math.round((manyReleases * kb.server) / 1e5) / 10} GB here, where they keep all in memory; the worker keeps no more than \`--cached-releases\` and replays ${events} events for a message to one of the others`,
          bar: '–',
          isMet: true,
        },
        {
          what: 'an open release that waits at its first gate',
          measured: `${rowsEach} rows, ${events} events and ${actions} Temporal actions so far, then one action a reminder (48 a day by default)`,
          bar: '–',
          isMet: true,
        },
      ],
      isWhole: waiting >= needed,
    };
  } finally {
    await scale.stop();
  }
}

async function isAtGate(temporal: Client, service: string): Promise<boolean> {
  const { searchAttributes } = await temporal.workflow.getHandle(releaseWorkflowId('scale', service)).describe();
  return searchAttributes['SpillwayStage']?.[0] === 'gate-begin';
}

/** Many releases that wait for a person: what one that does nothing costs. */
export const waiting: Measure = { name: 'waiting', run: measure };
