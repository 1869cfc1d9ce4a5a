import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../src/stack/load-sender';
import { underLoad, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { describeRelease, requireProof, startRelease } from '../release-run';
import { describeMs, spreadOf } from '../spread';

const barMs = 100;
const neededRuns = 20;
const firstPercent = 2;

/** From the client's call to the next weight at HAProxy, over the gates of one long release. */
export async function measureApproval(bench: Bench): Promise<Outcome> {
  const { runs } = bench.counts;
  const steps = Array.from({ length: runs }, (_, index) => ({
    gate: `g${index + 1}`,
    percent: firstPercent + index + 1,
  }));
  const quick = { bakeTime: '0s', minRequests: 1 };
  const descriptor = describeRelease(bench, {
    stages: [
      { canaryPercent: firstPercent, ...quick },
      ...steps.map(({ gate, percent }) => ({ canaryPercent: percent, gate, ...quick })),
    ],
    fullExposure: { gate: 'full' },
    gates: Object.fromEntries([...steps.map(({ gate }) => gate), 'full'].map((gate) => [gate, {}])),
  });
  const latencies = await underLoad(bench, { requestsPerSecond: 200 }, async () => {
    const found: number[] = [];
    const run = await startRelease(bench, descriptor);
    for (const { gate, percent } of steps) {
      await run.atGate(gate);
      await sleep(50 + 200 * Math.random());
      const sentMs = nowMs();
      const [shownMs] = await Promise.all([run.atShare(percent, { everyMs: 2 }), run.approve(gate)]);
      bench.say(`approval ${gate}: ${Math.round(shownMs - sentMs)} ms`);
      found.push(shownMs - sentMs);
    }
    await run.atGate('full');
    await run.abort();
    requireProof(await run.end(), 'Aborted');
    return found;
  });
  const spread = spreadOf(latencies);
  return {
    figures: { approvalToNextWeightMs: spread },
    rows: [
      {
        what: 'approval sent → next weight read at HAProxy',
        measured: describeMs(spread),
        bar: `p95 ≤ ${barMs} ms`,
        isMet: spread.p95 <= barMs,
      },
    ],
    isWhole: runs >= neededRuns,
  };
}
