import { releaseWorkflowId, taskQueues } from '../../../src/core/release/messages';
import { attributes } from '../../../src/workflows/attributes';
import { quantile } from '../../spread';
import type { Outcome } from '../../outcome';
import type { Measure, ScaleOptions } from '../measure';
import { readUse } from '../process-use';
import { bundleOf, forEachOf, type Part } from '../releases';
import { startScaleStack, type ScaleStack } from '../scale-stack';

const bar = 0.6;
const rounds = 3;
const mostLanes = 24;
const neededReleases = 72;
const requestsPerSecond = 20;

const part: Part = {
  stages: [{ canaryPercent: 50, bakeTime: '0s', minRequests: 1 }],
  fullExposure: { rollbackWindow: '0s', minRequests: 1, holdbackPercent: 10 },
};

type Round = { readonly perSecond: number; readonly workerMs: number; readonly serverMs: number };
type Kind = 'spillway' | 'bare';

type Services = { readonly [K in Kind]: readonly string[] };

async function playRound(
  { stack, temporal, tell }: ScaleStack,
  kind: Kind,
  services: readonly string[],
  releases: number,
  workerPid: number,
): Promise<Round> {
  await tell({ rates: Object.fromEntries(services.map((service) => [service, requestsPerSecond])) });
  const environment = kind === 'bare' ? 'bare' : 'scale';
  const pids = [workerPid, stack.temporal.pid() ?? 0];
  const read = () => Promise.all(pids.map((pid) => readUse([pid])));
  const before = await read();
  const startedMs = performance.now();
  // A lane has a service of its own, as a service has one release at a time.
  const lanes = services.length;
  await forEachOf(services, lanes, async (service, lane) => {
    for (let count = lane; count < releases; count += lanes)
      await temporal.workflow.execute(kind === 'bare' ? 'bare' : 'release', {
        args: [{ request: { bundle: bundleOf(service, environment, part), requestedBy: 'benchmark' } }],
        workflowId: releaseWorkflowId(environment, service),
        taskQueue: taskQueues(environment).workflow,
        workflowTaskTimeout: '3s',
        // A release says so itself; what changes traffic asks for it.
        ...(kind === 'bare' ? { typedSearchAttributes: [{ key: attributes.phase, value: 'Releasing' }] } : {}),
      });
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  const after = await read();
  const msOf = (index: number): number =>
    (1_000 * ((after[index]?.cpuSeconds ?? 0) - (before[index]?.cpuSeconds ?? 0))) / releases;
  return { perSecond: releases / seconds, workerMs: msOf(0), serverMs: msOf(1) };
}

const middle = (rounds: readonly Round[], key: keyof Round): number =>
  Math.round(
    10 *
      quantile(
        rounds.map((round) => round[key]),
        0.5,
      ),
  ) / 10;

async function measure({ releases, say }: ScaleOptions): Promise<Outcome> {
  const named = (prefix: string) => Array.from({ length: Math.min(mostLanes, releases) }, (_, lane) => prefix + lane);
  const services: Services = { spillway: named('s'), bare: named('b') };
  const scale = await startScaleStack({ services: services.spillway, bareServices: services.bare });
  try {
    const workers = { spillway: await scale.startWorker(), bare: await scale.startBareWorker() };
    const found: { readonly [K in Kind]: Round[] } = { spillway: [], bare: [] };
    const play = (kind: Kind, count: number) => playRound(scale, kind, services[kind], count, workers[kind].pid() ?? 0);
    for (const kind of ['spillway', 'bare'] as const) await play(kind, services[kind].length);
    for (let round = 0; round < rounds; round += 1)
      for (const kind of ['spillway', 'bare'] as const) {
        const one = await play(kind, releases);
        found[kind].push(one);
        say(`throughput ${round + 1}/${rounds} ${kind}: ${JSON.stringify(one)}`);
      }
    const [own, floor] = [middle(found.spillway, 'perSecond'), middle(found.bare, 'perSecond')];
    const ratio = Math.round((100 * own) / floor) / 100;
    const cost = (kind: Kind) => ({
      workerMs: middle(found[kind], 'workerMs'),
      serverMs: middle(found[kind], 'serverMs'),
    });
    const costs = { spillway: cost('spillway'), bare: cost('bare') };
    return {
      figures: { releasesPerSecond: own, barePerSecond: floor, ratio, cpuMsPerRelease: costs },
      rows: [
        {
          what: `releases a second through the whole saga, beside a bare worker with the same activities (${rounds} × ${releases} each)`,
          measured: `${own} a second against ${floor}: ${ratio} ×`,
          bar: `≥ ${bar} ×`,
          isMet: ratio >= bar,
        },
        {
          what: 'processor time of one release, worker and Temporal server',
          measured: `${costs.spillway.workerMs} + ${costs.spillway.serverMs} ms; bare ${costs.bare.workerMs} + ${costs.bare.serverMs} ms`,
          bar: '–',
          isMet: true,
        },
      ],
      isWhole: releases >= neededReleases,
    };
  } finally {
    await scale.stop();
  }
}

/** The whole way of a good release, as often a second as this machine can, against the floor of its activities. */
export const throughput: Measure = { name: 'throughput', run: measure };
