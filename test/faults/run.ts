import { describeAgain, nameOf, type FaultCase } from './cases';
import { play, type Played } from './play';
import { startFaultStack, type FaultStack } from './stack';

export type RunOptions = {
  readonly lanes: number;
  /** How long a frozen worker stays frozen, in milliseconds; longer than every heartbeat time-out. */
  readonly freezeMs: number;
  readonly say: (line: string) => void;
};

/** Shared parts die under all lanes at once, so those cases have a turn of their own, one at a time. */
const isShared = ({ part }: FaultCase): boolean => part === 'temporal' || part === 'postgres' || part === 'prometheus';

async function playAll(
  { stage, lanes }: FaultStack,
  faults: readonly FaultCase[],
  told: (played: Played) => void,
): Promise<void> {
  const left = [...faults];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let fault = left.shift(); fault !== undefined; fault = left.shift()) told(await play(stage, lane, fault));
    }),
  );
}

const describe = ({ fault, broken, tookMs }: Played): string =>
  `${broken.length === 0 ? '✓' : '✗'} ${nameOf(fault)} (${(tookMs / 1_000).toFixed(1)} s)` +
  (broken.length === 0 ? '' : `\n  ${broken.join('\n  ')}\n  again: ${describeAgain(fault)}`);

/** Plays cases on a stack of their own, several side by side; what came of each, in the order they ended. */
export async function runCases(
  faults: readonly FaultCase[],
  { lanes, freezeMs, say }: RunOptions,
): Promise<readonly Played[]> {
  const played: Played[] = [];
  if (faults.length === 0) return played;
  const stack = await startFaultStack(Math.min(lanes, faults.length), freezeMs);
  const told = (one: Played): void => {
    played.push(one);
    say(`${played.length}/${faults.length} ${describe(one)}`);
  };
  try {
    await playAll(
      stack,
      faults.filter((fault) => !isShared(fault)),
      told,
    );
    await playAll({ ...stack, lanes: stack.lanes.slice(0, 1) }, faults.filter(isShared), told);
  } finally {
    await stack.close();
  }
  return played;
}
