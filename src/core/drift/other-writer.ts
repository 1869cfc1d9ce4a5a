/** What else writes the split while nothing was restarted, since the present exposure began. */
export type OtherWriter = {
  /** How often what it wrote was found. */
  readonly count: number;
  /** What was found last. */
  readonly observed: string;
  /** When the split was last set again. */
  readonly restoredAtMs?: number;
};

/** Policy: what becomes of a release whose split a second controller writes; left out in plans of older workers. */
export type RouteRule = 'roll-back' | 'tell';

/** A hand may slip once, and a second hand set that right; what comes back after that does so by itself. */
const slips = 2;
/** A loss that was told before it was set right may be heard of only after that. */
const echoMs = 500;

/** One more finding. What is heard right behind a repair may be what was repaired, so it does not count. */
export function noteOtherWrite(known: OtherWriter | undefined, observed: string, atMs: number): OtherWriter {
  const isEcho = known?.restoredAtMs !== undefined && atMs - known.restoredAtMs < echoMs;
  return { count: (known?.count ?? 0) + (isEcho ? 0 : 1), observed };
}

export const isSecondController = (writer: OtherWriter | undefined): writer is OtherWriter =>
  writer !== undefined && writer.count > slips;

/**
 * What to do about a split that something else changed: set it again and tell that it was changed, turn the release back,
 * tell of a second controller, or set it again without a word, for that was told.
 */
export function answerToWriter(
  writer: OtherWriter,
  before: OtherWriter | undefined,
  rule: RouteRule | undefined,
): 'tell-change' | 'roll-back' | 'tell-controller' | 'quiet' {
  if (rule === undefined) return 'tell-change';
  if (before?.count === writer.count) return 'quiet';
  if (!isSecondController(writer)) return 'tell-change';
  if (rule === 'roll-back') return 'roll-back';
  return isSecondController(before) ? 'quiet' : 'tell-controller';
}

/** What is told of a second controller: where, what was found, what happens and what to do. */
export function sentenceOfWriter(
  { count, observed }: OtherWriter,
  { target, wanted, rule }: { readonly target: string; readonly wanted: string; readonly rule: RouteRule },
): string {
  const then =
    rule === 'roll-back'
      ? 'so the approved share cannot be held and the release turns back, as policy `drift.routes` says'
      : 'it is set again each time, as policy `drift.routes` says, and meanwhile users may see the canary above its approved share: abort where that must not be';
  return (
    `A second controller writes the split at ${target}: ${count} times in this stage something else changed it while no proxy was ` +
    `restarted (found ${observed}, wanted ${wanted}); ${then}. Find what writes there (an agent check, another release engine, a ` +
    'script on the runtime API) and stop it.'
  );
}
