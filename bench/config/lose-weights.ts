import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from '../../src/stack/load';
import { underLoad, type Bench } from '../bench';
import { describeRelease, requirePromoted, requireProof, startRelease } from '../release-run';
import type { Slot } from '../weights';
import { untilCalm } from './calm';
import { shuffled } from './change-by-hand';
import { canaryPercent, loseOnce, type Found } from './lose-once';
import { losses, type Loss } from './losses';
import { proxyOf } from './proxy-of';

const requestsPerSecond = 200;

/** Every kind of loss, so many times, in random order. */
export const lossesInTurn = (runs: number, random: () => number): readonly Loss[] =>
  shuffled(Array.from({ length: runs }, () => losses).flat(), random);

type Losing = { readonly runs: number; readonly random: () => number };

/** One release that stays at 25 % while its proxy loses the weights again and again. */
async function loseOften(bench: Bench, load: Load, { runs, random }: Losing) {
  const proxy = proxyOf(bench);
  const stages = [{ canaryPercent, bakeTime: '1h', minRequests: 1 }];
  const run = await startRelease(bench, describeRelease(bench, { stages }));
  await run.atShare(canaryPercent);
  const found: Found[] = [];
  for (const loss of lossesInTurn(runs, random)) {
    await sleep(500 + 1_000 * random());
    found.push(await loseOnce({ proxy, load, run }, loss));
    bench.say(`canary ${run.canary}: ${JSON.stringify(found.at(-1))}`);
    await untilCalm(run);
  }
  await run.abort();
  requireProof(await run.end(), 'Aborted');
  return { canary: run.canary, found };
}

/** So that the next release has its canary where this one had its baseline. */
export async function changeRoles(bench: Bench): Promise<void> {
  const stages = [{ canaryPercent, bakeTime: '0s', minRequests: 1 }];
  const fullExposure = { rollbackWindow: '1s', minRequests: 1 };
  requirePromoted(await (await startRelease(bench, describeRelease(bench, { stages, fullExposure }))).end());
}

/** What was found with the canary in each slot; the configuration of the proxy starts with everybody on blue. */
export async function loseInBothSlots(bench: Bench, losing: Losing): Promise<{ readonly [S in Slot]: Found[] }> {
  return underLoad(bench, { requestsPerSecond }, async (load) => {
    const found: { [S in Slot]: Found[] } = { blue: [], green: [] };
    for (let turn = 0; turn < 2; turn += 1) {
      const one = await loseOften(bench, load, losing);
      found[one.canary].push(...one.found);
      await changeRoles(bench);
    }
    return found;
  });
}
