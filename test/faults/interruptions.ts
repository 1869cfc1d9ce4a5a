import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultCase } from './cases';
import type { Lane } from './lane';
import type { Spans, Strike, Way } from './moments';
import type { Stage } from './play';
import { strikePart, strikeVictim, type Away } from './strike';

/** What dies beside the points of a case while it is played. */
export type Interruptions = {
  /** The part of the case dies so many milliseconds after `when`. */
  part(when: Promise<unknown>, afterMs: number): void;
  /** A way begins: its strikes come at their moments. */
  begin(way: Way): void;
  /** A way is over: what did not strike yet never will. */
  end(way: Way): void;
  /** From now on the database, or the part of the case, dies whenever a worker meets a point that asks for it. */
  watchPoints(): void;
  /** Resolves when everything that died is back; fails when something could not be brought back. */
  all(): Promise<void>;
  /** The same, whatever came of it. */
  settled(): Promise<void>;
  /** When something was killed, epoch milliseconds. */
  struckAtMs(): readonly number[];
  /** When the part of the case was away. */
  away(): Away | undefined;
  /** How long the ways took. */
  spans(): Spans[string];
};

const lookMs = 10;

export function createInterruptions(stage: Stage, lane: Lane, fault: FaultCase): Interruptions {
  const running: Promise<void>[] = [];
  const begun = new Map<Way, number>();
  const over = new Map<Way, AbortController>();
  const struck: number[] = [];
  const unwatched = new AbortController();
  let watching: Promise<void> | undefined;
  const spans: Spans[string] = {};
  let away: Away | undefined;

  const losePart = async (): Promise<void> => void (away = await strikePart(stage, lane, fault));

  // One that fails is awaited later; until then it must not end the process unasked.
  const run = (work: Promise<void>): void => {
    work.catch(() => undefined);
    running.push(work);
  };

  async function strike({ way, share, victim, again }: Strike, signal: AbortSignal): Promise<void> {
    const spanMs = stage.spans[fault.ending]?.[way];
    if (spanMs === undefined) throw new Error(`nobody knows how long ${fault.ending} takes ${way}`);
    await sleep(share * spanMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    struck.push(Date.now());
    const first = strikeVictim(stage, lane, victim, fault.downMs);
    first.catch(() => undefined);
    if (again !== undefined) {
      await sleep(again.afterMs);
      // A database that dies while it is being started would only be started twice at once.
      if (victim === 'database') await first;
      await strikeVictim(stage, lane, again.victim, fault.downMs);
    }
    await first;
  }

  /** A worker notes the point that it meets and goes on; looking often makes it a moment right behind. */
  async function watch(signal: AbortSignal): Promise<void> {
    let known = 0;
    while (!signal.aborted) {
      const met = lane.fired().filter(({ signal: what }) => what === 'database' || what === 'part');
      const [newest] = met.slice(known);
      if (newest?.signal === 'part') run(losePart());
      else if (newest !== undefined) run(strikeVictim(stage, lane, 'database', fault.downMs));
      known = met.length;
      await sleep(lookMs);
    }
  }

  return {
    watchPoints() {
      if (fault.points.some((point) => /:(database|part)$/.test(point))) watching ??= watch(unwatched.signal);
    },
    part: (when, afterMs) =>
      run(
        when.then(async () => {
          await sleep(afterMs);
          await losePart();
        }),
      ),
    begin(way) {
      if (begun.has(way)) return;
      begun.set(way, Date.now());
      const ending = new AbortController();
      over.set(way, ending);
      for (const one of fault.strikes ?? []) if (one.way === way) run(strike(one, ending.signal));
    },
    end(way) {
      const sinceMs = begun.get(way);
      if (sinceMs !== undefined) spans[way] ??= Date.now() - sinceMs;
      over.get(way)?.abort();
    },
    all: async () => void (await Promise.all(running)),
    async settled() {
      unwatched.abort();
      await watching;
      await Promise.allSettled(running);
    },
    struckAtMs: () => struck,
    away: () => away,
    spans: () => spans,
  };
}
