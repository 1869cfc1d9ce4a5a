import { setTimeout as sleep } from 'node:timers/promises';
import { askHaproxy } from '../../src/stack/haproxy';

type ShownServer = { readonly weight: number; readonly isMaint: boolean };
export type ShownSplit = { readonly blue: ShownServer; readonly green: ShownServer };

const server = (answer: string, name: string): ShownServer => {
  const fields = answer
    .split('\n')
    .map((line) => line.split(' '))
    .find((line) => line[3] === name);
  if (fields === undefined) throw new Error(`HAProxy shows no server ${name}: ${answer}`);
  // Forced, inherited and unresolved maintenance; 4 only says that the configuration file began with it.
  return { weight: Number(fields[7]), isMaint: (Number(fields[6]) & 0x23) !== 0 };
};

/** Weights and states as one HAProxy tells them over its socket, read by nothing of ours. */
export async function readProxy(socketPath: string): Promise<ShownSplit> {
  const answer = await askHaproxy(socketPath, 'show servers state shop');
  return { blue: server(answer, 'blue'), green: server(answer, 'green') };
}

/** Share in percent that a slot gets of new requests. */
export function shareOf(split: ShownSplit, slot: 'blue' | 'green'): number {
  const open = ({ weight, isMaint }: ShownServer): number => (isMaint ? 0 : weight);
  const all = open(split.blue) + open(split.green);
  return all === 0 ? 0 : (100 * open(split[slot])) / all;
}

export const closedTo =
  (canary: 'blue' | 'green') =>
  (split: ShownSplit): boolean =>
    split[canary].isMaint && split[canary].weight === 0;

/** Notes the most that a slot ever got, until stopped. */
export function watchShare(socketPath: string, slot: 'blue' | 'green') {
  let most = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, shareOf(await readProxy(socketPath), slot));
      await sleep(25);
    }
  })();
  // Told to whoever stops it; a test that failed meanwhile has its own reason.
  watching.catch(() => undefined);
  return {
    most: () => most,
    async stop(): Promise<number> {
      isOver = true;
      await watching;
      return most;
    },
  };
}
