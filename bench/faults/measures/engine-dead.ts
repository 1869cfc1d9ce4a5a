import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy } from '../../../src/stack/haproxy';
import { nowMs } from '../../../src/stack/load-sender';
import { startBench, underLoad, type Bench } from '../../bench';
import { describeRelease, requireProof, startRelease, type ReleaseRun } from '../../release-run';
import { describeMs, spreadOf } from '../../spread';
import { parseWeights, shareOf } from '../../weights';
import type { Found, Measure } from '../measure';

const neededRuns = 50;
const leaseMs = 5_000;
const patienceMs = 60_000;
const person = { by: 'benchmark', why: 'measuring' };

/** One way in which the engine can go, and how it comes back. */
type Death = {
  readonly name: string;
  strike(bench: Bench, run: ReleaseRun): Promise<void>;
  mend(bench: Bench, run: ReleaseRun): Promise<void>;
};

function workerOf({ embedded }: Bench) {
  const [worker] = embedded.workers;
  if (worker === undefined) throw new Error('there is no worker');
  return worker;
}

const signal = (pid: number | undefined, name: 'SIGSTOP' | 'SIGCONT'): Promise<void> => {
  if (pid === undefined) throw new Error('the process does not run');
  process.kill(pid, name);
  return Promise.resolve();
};

const deaths: readonly Death[] = [
  {
    name: 'worker killed',
    strike: (bench) => workerOf(bench).kill(),
    mend: (bench) => workerOf(bench).start(),
  },
  {
    name: 'worker frozen',
    strike: (bench) => signal(workerOf(bench).pid(), 'SIGSTOP'),
    mend: (bench) => signal(workerOf(bench).pid(), 'SIGCONT'),
  },
  {
    name: 'release terminated',
    strike: async ({ temporal }, { workflowId }) =>
      void (await temporal.workflow.getHandle(workflowId).terminate('measuring')),
    mend: async ({ client }, { workflowId, firstRunId }) => {
      const { firstRunId: recovery } = await client.recover({ workflowId, firstRunId, ...person });
      requireProof(await client.result(workflowId, { firstRunId: recovery, timeoutMs: patienceMs }), 'RolledBack');
    },
  },
  {
    name: 'Temporal killed',
    strike: ({ embedded }) => embedded.stack.temporal.kill(),
    mend: ({ embedded }) => embedded.stack.temporal.start(),
  },
  {
    name: 'Temporal frozen',
    strike: ({ embedded }) => signal(embedded.stack.temporal.pid(), 'SIGSTOP'),
    mend: ({ embedded }) => signal(embedded.stack.temporal.pid(), 'SIGCONT'),
  },
];

/** Milliseconds from now until the canary is in maintenance with weight 0, read at the proxy. */
async function untilClosed({ socketPath }: Bench, { canary }: ReleaseRun): Promise<number> {
  const sinceMs = nowMs();
  for (;;) {
    const weights = parseWeights(await askHaproxy(socketPath, 'show servers state shop'));
    const tookMs = nowMs() - sinceMs;
    if (weights[canary].isInMaintenance && shareOf(weights, canary) === 0) return tookMs;
    if (tookMs > patienceMs) throw new Error(`nobody closed the gate for ${patienceMs} ms`);
    await sleep(5);
  }
}

async function dieOnce(bench: Bench, death: Death): Promise<number> {
  const run = await startRelease(
    bench,
    describeRelease(bench, { stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 200 }] }),
  );
  await run.atShare(25);
  await sleep(500 + leaseMs * 0.3 * Math.random());
  const struck = death.strike(bench, run);
  const closedMs = await untilClosed(bench, run);
  await struck;
  await death.mend(bench, run);
  if (death.name !== 'release terminated') requireProof(await run.end(patienceMs), 'RolledBack');
  return closedMs - leaseMs;
}

/** The engine dies in five ways while users are exposed; the sentinel alone must bring them back. */
export const engineDead: Measure = {
  name: 'engine-dead',
  async run({ runs = neededRuns, say }): Promise<Found> {
    const bench = await startBench({ runs, clean: 0 }, say, {
      sentinel: true,
      policy: { lease: { duration: `${leaseMs}ms`, sentinel: 'required' } },
      temporal: { storage: 'file' },
    });
    try {
      return await underLoad(bench, { requestsPerSecond: 100 }, async () => {
        const found = new Map<string, number[]>(deaths.map(({ name }) => [name, []]));
        for (let index = 0; index < runs; index += 1) {
          const death = deaths[index % deaths.length];
          if (death !== undefined) found.get(death.name)?.push(await dieOnce(bench, death));
        }
        const all = [...found.values()].flat();
        return {
          figures: { beyondLeaseMaxMs: Math.max(...all), runs: all.length, leaseMs },
          rows: [...found].flatMap(([name, values]) =>
            values.length === 0
              ? []
              : [[`${name} → closed, beyond a lease of ${leaseMs} ms`, describeMs(spreadOf(values))]],
          ),
        };
      });
    } finally {
      await bench.stop();
    }
  },
};
