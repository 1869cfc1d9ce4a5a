import type { FaultCase } from './cases';
import { describeAgain, nameOf } from './describe-case';
import { isQuiet } from './moments';
import { play, type Played } from './play';
import { startFaultStack, type FaultStack, type FaultStackOptions } from './stack';

export type RunOptions = FaultStackOptions & { readonly say: (line: string) => void };

/** Shared parts die under all lanes at once, so those cases have a turn of their own, one at a time. */
const isShared = ({ part, points, strikes = [] }: FaultCase): boolean =>
  part === 'temporal' ||
  part === 'postgres' ||
  part === 'prometheus' ||
  points.some((point) => point.endsWith(':database')) ||
  strikes.some(({ victim, again }) => victim === 'database' || again?.victim === 'database');

const mostTries = 4;

/** Plays a case; once more where its way was over before its moment, for then it has told how long the way is by now. */
async function playInTime(stage: FaultStack['stage'], lane: FaultStack['lanes'][number], fault: FaultCase) {
  for (let left = mostTries; ; left -= 1) {
    const played = await play(stage, lane, fault);
    const isDone = played.broken.length > 0 || !isLate(played);
    if (isQuiet(fault) || !isDone) stage.spans[fault.ending] = played.spans ?? {};
    if (isDone) return played;
    if (left === 1) return { ...played, broken: ['not played: the way was over before anything died'] };
  }
}

const isLate = ({ fault, hit = [] }: Played): boolean => hit.length < (fault.strikes?.length ?? 0);

async function playAll(
  { stage, lanes }: FaultStack,
  faults: readonly FaultCase[],
  told: (played: Played) => void,
): Promise<void> {
  const left = [...faults];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let fault = left.shift(); fault !== undefined; fault = left.shift())
        told(await playInTime(stage, lane, fault));
    }),
  );
}

const describeWays = (spans: Played['spans'] = {}): string =>
  Object.entries(spans)
    .map(([way, ms]) => `, ${way} ${(ms / 1_000).toFixed(1)} s`)
    .join('');

const describe = ({ fault, broken, tookMs, spans, hit = [] }: Played, freezeMs: number): string =>
  `${broken.length === 0 ? '✓' : '✗'} ${nameOf(fault)}${hit.map((what) => `, in ${what}`).join('')}${isQuiet(fault) ? describeWays(spans) : ''} (${(tookMs / 1_000).toFixed(1)} s)` +
  (broken.length === 0 ? '' : `\n  ${broken.join('\n  ')}\n  again: ${describeAgain(fault, freezeMs)}`);

/** Plays cases on a stack of their own, several side by side; what came of each, in the order they ended. */
export async function runCases(
  faults: readonly FaultCase[],
  { say, ...options }: RunOptions,
): Promise<readonly Played[]> {
  const played: Played[] = [];
  if (faults.length === 0) return played;
  const stack = await startFaultStack({ ...options, lanes: Math.min(options.lanes, faults.length) });
  const told = (one: Played): void => {
    played.push(one);
    say(`${played.length}/${faults.length} ${describe(one, options.freezeMs)}`);
  };
  const loud = faults.filter((fault) => !isQuiet(fault));
  try {
    // They tell how long the ways of the others are.
    await playAll(stack, faults.filter(isQuiet), told);
    await playAll(
      stack,
      loud.filter((fault) => !isShared(fault)),
      told,
    );
    await playAll({ ...stack, lanes: stack.lanes.slice(0, 1) }, loud.filter(isShared), told);
  } finally {
    await stack.close();
  }
  return played;
}
