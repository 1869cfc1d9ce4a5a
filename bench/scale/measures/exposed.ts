import { setTimeout as sleep } from 'node:timers/promises';
import { releaseWorkflowId } from '../../../src/core/release/messages';
import { describeMs, quantile, spreadOf } from '../../spread';
import type { Outcome, Row } from '../../outcome';
import type { Measure, ScaleOptions } from '../measure';
import { coresDuring, readUse } from '../process-use';
import { bundleOf, forEachOf, type Part } from '../releases';
import { countHeartbeats, startScaleStack, type ScaleStack, type WorkerProcess } from '../scale-stack';
import { waitForZero, waitUntilExposed } from '../weights';

const atOnce = 10;
const [firstBarMs, kneeMs] = [5_000, 3_000];
const [neededFirst, neededKnee] = [200, 300];
/** Requests a second to a service with users exposed, and to one whose canary is about to break. */
const [usualRate, breachRate] = [4, 40];
const windowMs = 10_000;
/** A server that is busy with starts alone answers nobody in time, and no release goes forward then. */
const growingAtOnce = 4;

const part: Part = {
  stages: [{ canaryPercent: 25, bakeTime: '1s', minRequests: 1 }],
  fullExposure: { gate: 'everybody', rollbackWindow: '0s', minRequests: 1, holdbackPercent: 10 },
  gates: { everybody: {} },
};

/** Three times ten breaches where the bar is hardest to meet by chance, then twice. */
const roundsAt = (step: number): number => (step === 0 ? 3 : 2);

type Step = {
  readonly open: number;
  readonly breachToZeroMs: readonly number[];
  readonly cores: {
    readonly worker: number;
    readonly server: number;
    readonly proxy: number;
    readonly database: number;
  };
  readonly heartbeatsPerSecond: number;
  readonly rowsPerSecond: number;
};

/** The releases of one run: which services are open, and which have broken. */
function createFleet(scale: ScaleStack, services: readonly string[]) {
  const open = new Map<string, string>();
  const fresh = [...services];
  const rolledBack: string[] = [];
  const wrong: string[] = [];
  const idOf = (service: string): string => releaseWorkflowId('scale', service);
  const rates = (breaching: readonly string[] = []) =>
    Object.fromEntries([...open.keys()].map((one) => [one, breaching.includes(one) ? breachRate : usualRate]));

  async function endAs(service: string, wanted: string): Promise<void> {
    const { ending, sentence, proof } = await scale.client.result(idOf(service), { timeoutMs: 180_000 });
    open.delete(service);
    const isRight = ending === wanted && (wanted !== 'RolledBack' || proof?.isRestored === true);
    if (isRight && wanted === 'RolledBack') rolledBack.push(service);
    if (!isRight) wrong.push(`${service}: ${sentence}`);
  }
  return {
    open,
    wrong,
    rolledBack,
    async growTo(count: number): Promise<void> {
      const added = fresh.splice(0, count - open.size);
      await forEachOf(added, growingAtOnce, async (service) => {
        open.set(service, '');
        await scale.client.start({
          bundle: bundleOf(service, 'scale', part),
          environment: 'scale',
          service,
          requestedBy: 'benchmark',
        });
        // As fast as they are taken: a hundred begun at once would measure the beginning and not the watching.
        await waitUntilExposed(scale, [service], 180_000);
      });
      await scale.tell({ rates: rates() });
      await waitUntilExposed(scale, [...open.keys()], 180_000);
    },
    /** Ten canaries break at the same moment; from the first bad answer of each to its weight 0. */
    async breakSome(): Promise<readonly number[]> {
      const breaking = [...open.keys()].slice(0, atOnce);
      await scale.tell({ rates: rates(breaking) });
      await sleep(3_000);
      await scale.tell({ failing: breaking.map((service) => `green/${service}`) });
      const zero = await waitForZero(scale, breaking, 60_000);
      const { firstFailures } = await scale.tell({});
      await Promise.all(breaking.map((service) => endAs(service, 'RolledBack')));
      await scale.tell({ failing: [], rates: rates() });
      return breaking.map((service) => (zero.get(service) ?? Infinity) - (firstFailures[`green/${service}`] ?? 0));
    },
    async promoteAll(): Promise<number> {
      const left = [...open.keys()];
      await forEachOf(left, 16, async (service) => {
        await scale.client.approve(idOf(service), { gate: 'everybody', by: 'benchmark', why: 'measuring' });
        await endAs(service, 'Promoted');
      });
      return left.length;
    },
  };
}

async function watchQuietly(
  scale: ScaleStack,
  worker: WorkerProcess,
  open: number,
): Promise<Omit<Step, 'breachToZeroMs'>> {
  const pids = {
    worker: worker.pid() ?? 0,
    server: scale.stack.temporal.pid() ?? 0,
    proxy: scale.proxy.pid(),
    database: scale.stack.postgres.pid() ?? 0,
  };
  const before = [await countHeartbeats(worker), (await scale.countRows())['samples'] ?? 0] as const;
  const cores = await coresDuring(pids, () => sleep(windowMs));
  const after = [await countHeartbeats(worker), (await scale.countRows())['samples'] ?? 0] as const;
  const perSecond = (index: 0 | 1): number => Math.round(((after[index] - before[index]) * 10_000) / windowMs) / 10;
  return { open, cores, heartbeatsPerSecond: perSecond(0), rowsPerSecond: perSecond(1) };
}

async function play(scale: ScaleStack, { exposed, say }: ScaleOptions, services: readonly string[]) {
  const worker = await scale.startWorker();
  const rssBefore = (await readUse(worker.pid() ?? 0)).rssBytes;
  const fleet = createFleet(scale, services);
  const steps: Step[] = [];
  let kilobytesEach = 0;
  for (const [index, count] of exposed.entries()) {
    const rounds = roundsAt(index);
    await fleet.growTo(count + (rounds - 1) * atOnce);
    await sleep(5_000);
    const quiet = await watchQuietly(scale, worker, fleet.open.size);
    const { rssBytes } = await readUse(worker.pid() ?? 0);
    kilobytesEach = Math.round((rssBytes - rssBefore) / 1_000 / fleet.open.size);
    const found: number[] = [];
    for (let round = 0; round < rounds; round += 1) found.push(...(await fleet.breakSome()));
    const step = { ...quiet, open: count, breachToZeroMs: found };
    say(`exposed ${count}: ${JSON.stringify({ ...step, breachToZeroMs: spreadOf(found) })}`);
    steps.push(step);
    // Past the knee more of them tell nothing more.
    if (p99(step) > kneeMs) break;
  }
  const promoted = await fleet.promoteAll();
  return { steps, kilobytesEach, promoted, rolledBack: fleet.rolledBack.length, wrong: fleet.wrong };
}

const p99 = ({ breachToZeroMs }: Step): number => quantile(breachToZeroMs, 0.99);

function rowsOf({
  steps,
  kilobytesEach,
  promoted,
  rolledBack,
  wrong,
}: Awaited<ReturnType<typeof play>>): readonly Row[] {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const carried = steps.filter((step) => p99(step) <= kneeMs).map(({ open }) => open);
  const most = Math.max(0, ...carried);
  const knee = p99(last) <= kneeMs ? `more than ${last.open}` : `between ${most} and ${last.open}`;
  const perRelease = (value: number): number => Math.round((10_000 * value) / last.open) / 10;
  const beats = last.heartbeatsPerSecond;
  return [
    {
      what: `breach → weight 0, ${atOnce} canaries broken at once among ${first.open} open releases on one worker (${breachRate} requests a second to each of them, ${usualRate} to the others)`,
      measured: `p99 ${Math.round(p99(first))} ms; ${describeMs(spreadOf(first.breachToZeroMs))}`,
      bar: `p99 ≤ ${firstBarMs} ms`,
      isMet: first.open >= neededFirst && p99(first) <= firstBarMs,
    },
    {
      what: 'all of them ended right',
      measured: `${rolledBack} rolled back with proof, ${promoted - wrong.length} promoted, ${wrong.length} wrong`,
      bar: '0 wrong',
      isMet: wrong.length === 0,
    },
    {
      what: `open releases with users exposed on one worker before breach → weight 0 p99 passes ${kneeMs} ms`,
      measured: `${knee} (${steps.map((step) => `${step.open}: ${Math.round(p99(step))} ms`).join(', ')})`,
      bar: `≥ ${neededKnee}`,
      isMet: most >= neededKnee,
    },
    {
      what: `cores kept busy by ${last.open} exposed releases in which nothing happens`,
      measured: `worker ${last.cores.worker}, Temporal server ${last.cores.server}, HAProxy ${last.cores.proxy}`,
      bar: '–',
      isMet: true,
    },
    {
      what: 'what the heartbeats cost the server',
      measured: `${beats} a second, ${Math.round((10_000 * last.cores.server) / Math.max(1, beats)) / 10} ms of a core each`,
      bar: '–',
      isMet: true,
    },
    {
      what: 'an open release with users exposed',
      measured: `${kilobytesEach} kB in the worker, ${perRelease(last.cores.worker)} ms of a core a second, ${Math.round((86_400 * beats) / last.open)} heartbeats (Temporal actions) and ${Math.round((86_400 * last.rowsPerSecond) / last.open)} rows a day at first, a tenth of the rows after ten minutes`,
      bar: '–',
      isMet: true,
    },
  ];
}

async function measure(options: ScaleOptions): Promise<Outcome> {
  const { exposed } = options;
  const breaches = exposed.reduce((sum, _, index) => sum + roundsAt(index) * atOnce, 0);
  const count = Math.max(...exposed) + breaches;
  const services = Array.from({ length: count }, (_, index) => `s${index}`);
  const scale = await startScaleStack({ services });
  try {
    const found = await play(scale, options, services);
    return {
      figures: {
        steps: found.steps.map((step) => ({
          ...step,
          breachToZeroMs: { ...spreadOf(step.breachToZeroMs), p99: p99(step) },
        })),
        kilobytesEach: found.kilobytesEach,
        promoted: found.promoted,
        rolledBack: found.rolledBack,
        wrong: found.wrong,
      },
      rows: rowsOf(found),
      isWhole: (exposed[0] ?? 0) >= neededFirst && Math.max(...exposed) >= neededKnee,
    };
  } finally {
    await scale.stop();
  }
}

/** Many releases with users exposed: how soon breaches are answered, and what watching costs. */
export const exposed: Measure = { name: 'exposed', run: measure };
