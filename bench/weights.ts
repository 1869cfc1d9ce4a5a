import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../src/stack/load-sender';
import { askHaproxy } from '../src/stack/haproxy';

export type Slot = 'blue' | 'green';
/** What HAProxy itself says of one slot; `weight` is its own number, not a share. */
export type SlotWeight = { readonly weight: number; readonly isInMaintenance: boolean };
export type Weights = { readonly [S in Slot]: SlotWeight };

// Forced, inherited and unresolved; 0x04 only says that the configuration once disabled the server.
const maintenanceBits = 0x01 | 0x02 | 0x20;

/** Reads the answer to `show servers state shop`, independently of the adapter that is measured. */
export function parseWeights(answer: string): Weights {
  const of = (slot: Slot): SlotWeight => {
    const fields = answer
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, backend, , server]) => backend === 'shop' && server === slot);
    if (fields === undefined) throw new Error(`HAProxy does not show server ${slot}: ${answer.slice(0, 200)}`);
    return { weight: Number(fields[7]), isInMaintenance: (Number(fields[6]) & maintenanceBits) !== 0 };
  };
  return { blue: of('blue'), green: of('green') };
}

/** The share of requests a slot gets by these weights, in percent. */
export function shareOf(weights: Weights, slot: Slot): number {
  const open = (one: SlotWeight): number => (one.isInMaintenance ? 0 : one.weight);
  const sum = open(weights.blue) + open(weights.green);
  return sum === 0 ? 0 : (100 * open(weights[slot])) / sum;
}

/** Asks HAProxy until it shows what is waited for; the epoch millisecond at which the answer was there. */
export async function waitForWeights(
  socketPath: string,
  isReached: (weights: Weights) => boolean,
  { everyMs = 20, timeoutMs = 60_000 }: { readonly everyMs?: number; readonly timeoutMs?: number } = {},
): Promise<number> {
  const deadline = nowMs() + timeoutMs;
  for (;;) {
    const weights = parseWeights(await askHaproxy(socketPath, 'show servers state shop'));
    const atMs = nowMs();
    if (isReached(weights)) return atMs;
    if (atMs > deadline)
      throw new Error(`HAProxy did not get to the weights in ${timeoutMs / 1_000} s: ${JSON.stringify(weights)}`);
    await sleep(everyMs);
  }
}
