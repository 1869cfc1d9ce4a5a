import { setTimeout as sleep } from 'node:timers/promises';
import type { Haproxy } from '../../src/stack/haproxy';
import type { Load } from '../../src/stack/load';
import { nowMs } from '../../src/stack/load-sender';
import type { ReleaseRun } from '../release-run';
import { parseWeights, shareOf } from '../weights';
import { aboveShare } from './above-share';
import { readWorkerPid, watchRestored, type Loss } from './losses';

/** What the release has approved for its canary while its proxy loses the weights. */
export const canaryPercent = 25;
/** Long enough for the answers of what was under way. */
const settleMs = 500;
/** The process that ended, and the one that came. */
const rounds = 2;
/** Weights are whole steps at the proxy. */
const sharePoints = 0.3;

type UnderLoad = { readonly proxy: Haproxy; readonly load: Load; readonly run: ReleaseRun };

export type Found = {
  readonly name: string;
  readonly restoredMs: number;
  readonly canary: number;
  readonly requests: number;
  readonly above: number;
};

/** Loses the weights once; counts what the users got from the blow until half a second behind its repair. */
export async function loseOnce({ proxy, load, run }: UnderLoad, loss: Loss): Promise<Found> {
  const pid = await readWorkerPid(proxy.socketPath);
  const struckMs = nowMs();
  const watching = watchRestored(proxy.socketPath, {
    pid,
    command: 'show servers state shop',
    isAsBefore: (answer) => Math.abs(shareOf(parseWeights(answer), run.canary) - canaryPercent) < sharePoints,
  });
  const [{ answeredMs, restoredMs }] = await Promise.all([watching, loss.strike(proxy)]);
  await sleep(2 * settleMs);
  const count = (fromMs: number, toMs: number) => {
    const answered = load.records(fromMs, toMs).filter(({ slot }) => slot !== '');
    const canary = answered.filter(({ slot }) => slot === run.canary).length;
    const requests = answered.length;
    return { canary, requests, above: aboveShare({ canary, requests, percent: canaryPercent, rounds }) };
  };
  const meanwhile = count(struckMs, restoredMs);
  // By itself: what the canary lacked before would hide a burst right after.
  const after = count(restoredMs, restoredMs + settleMs);
  return {
    name: loss.name,
    restoredMs: restoredMs - answeredMs,
    canary: meanwhile.canary + after.canary,
    requests: meanwhile.requests + after.requests,
    above: meanwhile.above + after.above,
  };
}
