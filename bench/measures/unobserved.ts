import { setTimeout as sleep } from 'node:timers/promises';
import { underLoad, type Bench } from '../bench';
import { gapsBetween } from '../gaps';
import type { Outcome } from '../outcome';
import { describeRelease, requirePromoted, startRelease, type ReleaseRun } from '../release-run';
import { relaySocket, type Asked } from '../socket-relay';
import { spreadOf } from '../spread';

const barMs = 300;
const person = { by: 'benchmark', why: 'measuring' };

async function releaseWithPause(bench: Bench): Promise<ReleaseRun> {
  const bake = { bakeTime: '3s', minRequests: 20 };
  const run = await startRelease(
    bench,
    describeRelease(bench, {
      stages: [
        { canaryPercent: 5, ...bake },
        { canaryPercent: 25, ...bake },
        { canaryPercent: 50, gate: 'half', ...bake },
      ],
      fullExposure: { rollbackWindow: '3s', minRequests: 20 },
      gates: { half: {} },
    }),
  );
  await run.atShare(25);
  await sleep(500);
  await bench.client.pause(run.workflowId, person);
  await sleep(1_500);
  await bench.client.resume(run.workflowId, person);
  await run.atGate('half');
  await sleep(1_000);
  await run.approve('half');
  requirePromoted(await run.end());
  return run;
}

/** From the command that gave the canary its first weight to the one that made it the baseline. */
function exposureOf(asked: readonly Asked[], { canary, baseline }: ReleaseRun): { fromMs: number; toMs: number } {
  const weight = new RegExp(`set server shop/${canary} weight [1-9]`);
  const first = asked.find(({ question }) => weight.test(question));
  const last = asked.find(
    ({ question, askedMs }) =>
      askedMs > (first?.askedMs ?? Infinity) && question.includes(`set server shop/${baseline} state maint`),
  );
  if (first === undefined || last === undefined) throw new Error('the exposure was not seen at the socket');
  return { fromMs: first.answeredMs, toMs: last.askedMs };
}

/** The longest time for which nobody looked at the counters while users were on the canary. */
export async function measureUnobserved(bench: Bench): Promise<Outcome> {
  const relay = await relaySocket(bench.socketPath);
  let gapsMs: readonly number[];
  let samples: number;
  try {
    const run = await underLoad(bench, { requestsPerSecond: 200 }, () => releaseWithPause(bench));
    const readings = relay.asked().filter(({ question }) => question.includes('show stat'));
    ({ gapsMs, samples } = gapsBetween(
      readings.map(({ answeredMs }) => answeredMs),
      exposureOf(relay.asked(), run),
    ));
  } finally {
    await relay.close();
  }
  const spread = spreadOf(gapsMs);
  const seconds = gapsMs.reduce((sum, gap) => sum + gap, 0) / 1_000;
  bench.say(`unobserved: ${samples} samples in ${seconds.toFixed(1)} s, gaps ${JSON.stringify(spread)}`);
  return {
    figures: {
      gapMs: { p50: spread.p50, p95: spread.p95, max: spread.max },
      samples,
      exposedSeconds: Math.round(seconds),
    },
    rows: [
      {
        what: 'longest unobserved exposure (three stages, a gate, a pause)',
        measured: `${Math.round(spread.max)} ms (p50 ${Math.round(spread.p50)} ms, ${samples} samples in ${seconds.toFixed(1)} s)`,
        bar: `≤ ${barMs} ms`,
        isMet: spread.max <= barMs,
      },
    ],
    isWhole: true,
  };
}
